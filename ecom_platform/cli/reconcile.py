"""`ecom oltp reconcile`: the shop's database and the lake, row by row at one point in the log.

Belongs here: bringing both to that point, and showing what differs. Not here: counting either.
"""

from typing import Annotated

import typer
from rich.table import Table

from ecom_platform.cli.execution import JobRunner
from ecom_platform.cli.progress import show_progress
from ecom_platform.cli.replicate import FOLDER
from ecom_platform.cli.terminal import EXIT_FAILED, OUT, print_failures
from ecom_platform.contracts.oltp import SHOP_STEP_TABLES, SHOP_TABLES
from ecom_platform.lake.lake import Lake
from ecom_platform.oltp.connection import database_url, require_driver
from ecom_platform.oltp.reader import ShopReader
from ecom_platform.pipeline.shop.agreement import Comparison, compare, tables_to_check
from ecom_platform.settings import Settings

_NAMED_KEYS = 5


def reconcile_command(
    context: typer.Context,
    slot: Annotated[str, typer.Option(help="Name of the replication slot.")] = "ecom_dms",
) -> None:
    """Compare the shop's database with the lake, by table and date, at one point in the log.

    The shop may go on: what is committed meanwhile is in neither side. Changes up to the point are
    replicated and folded first; no other replicator may run on the slot.
    """
    reconcile(context.obj, slot)


def reconcile(settings: Settings, slot: str) -> None:
    """Bring the lake to a point in the log, compare it with the shop there, and show the result.

    Args:
        settings: where both are.
        slot: name of the replication slot.

    Raises:
        Exit: they differ, or the lake could not be brought there.
    """
    require_driver()
    from ecom_platform.oltp.replicator.options import BEST_FOR_THE_LAKE
    from ecom_platform.oltp.replicator.source import frozen, lsn_text
    from ecom_platform.oltp.replicator.task import Replicator

    url = database_url(settings)
    task = Replicator(url, settings.landing_path / FOLDER, BEST_FOR_THE_LAKE, slot=slot)
    try:
        task.start()
        with frozen(url) as (lsn, reader):
            task.flush_all(up_to=lsn)
            with show_progress() as bars:
                run = JobRunner(settings, bars).run(SHOP_STEP_TABLES)
            shop = ShopReader(reader, tables_to_check(settings), lsn_text(lsn))
            lake = Lake(settings)
            results = [compare(lake, shop, table) for table in SHOP_TABLES]
    finally:
        task.close()
    _show(results, shop.point)
    print_failures(run.failures)
    if run.failures or any(result.differing for result in results):
        raise typer.Exit(EXIT_FAILED)


def _show(results: list[Comparison], point: str) -> None:
    table = Table(title=f"The shop and the lake at {point} in the log", title_justify="left")
    table.add_column("table")
    for column in ("rows in the shop", "rows in the lake", "dates compared"):
        table.add_column(column, justify="right")
    table.add_column("")
    for result in results:
        mark = "[bold red]differs[/]" if result.differing else "[green]agrees[/]"
        counts = (result.in_shop, result.in_lake, result.dates)
        table.add_row(result.table, *(f"{count:,}" for count in counts), mark)
    OUT.print(table)
    for result in results:
        for date in result.differing:
            keys = result.faults(date)
            more = f" and {len(keys) - _NAMED_KEYS:,} more" * (len(keys) > _NAMED_KEYS)
            OUT.print(
                f"{result.table} {date}: {'; '.join(keys[:_NAMED_KEYS])}{more}",
                highlight=False,
                soft_wrap=True,
            )
