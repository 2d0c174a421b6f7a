"""`ecom oltp reconcile`: the shop's database and the lake, row by row at one point in the log.

Belongs here: bringing both to that point, and showing what differs. Not here: counting either.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import pyarrow as pa
import typer
from rich.markup import escape
from rich.table import Table

from ecom_platform.cli.execution import JobRunner
from ecom_platform.cli.progress import ProgressBars
from ecom_platform.cli.replicate import FOLDER
from ecom_platform.cli.run import SHOP_TABLES as ALL_TABLES
from ecom_platform.cli.terminal import ERR, EXIT_FAILED, OUT
from ecom_platform.contracts.oltp import SHOP_TABLES
from ecom_platform.lake.lake import Lake
from ecom_platform.oltp.connection import database_url, require_driver
from ecom_platform.pipeline.shop.checksums import DATE_OF, checksums_by_key, sums_by_date
from ecom_platform.pipeline.shop.privacy import PROFILE_COLUMNS
from ecom_platform.settings import Settings

if TYPE_CHECKING:
    from ecom_platform.oltp.checksums import CheckedTable, Kind

_NAMED_KEYS = 5


@dataclass(frozen=True)
class Reconciled:
    """A table, compared.

    Attributes:
        table: the shop's table.
        in_shop, in_lake: rows.
        dates: how many dates were compared.
        differing: keys of rows that differ, by date; `key: what is wrong`.
    """

    table: str
    in_shop: int
    in_lake: int
    dates: int
    differing: dict[str, list[str]]


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
            with ProgressBars() as bars:
                run = JobRunner(settings, bars).run(ALL_TABLES)
            results = [compare(Lake(settings), reader, table) for table in SHOP_TABLES]
    finally:
        task.close()
    _show(results, lsn_text(lsn))
    for failure in run.failures:
        ERR.print(f"[bold red]failed:[/] {escape(failure)}", highlight=False, soft_wrap=True)
    if run.failures or any(result.differing for result in results):
        raise typer.Exit(EXIT_FAILED)


def compare(lake: Lake, reader: Any, table: str) -> Reconciled:
    """Compare one table: sums by date, and the rows of dates whose sums differ.

    Args:
        lake: the lake.
        reader: a connection to the shop's database.
        table: the shop's table.
    """
    from ecom_platform.oltp import checksums
    from ecom_platform.oltp.migrate import SCHEMA

    checked = _checked(lake.settings, table)
    shop = checksums.sums_by_date(reader, SCHEMA, checked)
    stored = sums_by_date(lake, table)
    differing = {}
    for date in sorted(shop.keys() | stored.keys()):
        if shop.get(date) != stored.get(date):
            ours = checksums_by_key(lake, table, date)
            theirs = checksums.checksums_by_key(reader, SCHEMA, checked, date)
            differing[date] = _differences(theirs, ours)
    rows = [sum(count for count, _ in side.values()) for side in (shop, stored)]
    return Reconciled(table, rows[0], rows[1], len(shop.keys() | stored.keys()), differing)


def _checked(settings: Settings, table: str) -> "CheckedTable":
    from ecom_platform.oltp.checksums import CheckedColumn, CheckedTable

    hidden = () if settings.plain_profiles else PROFILE_COLUMNS.get(table, ())
    key = settings.profile_key.get_secret_value() if settings.profile_key else ""
    columns = []
    for field in SHOP_TABLES[table].schema:
        is_time = pa.types.is_timestamp(field.type)
        kind: Kind = "time" if is_time else "hidden" if field.name in hidden else "plain"
        columns.append(CheckedColumn(field.name, kind))
    return CheckedTable(table, columns, SHOP_TABLES[table].key, DATE_OF.get(table), key.encode())


def _differences(shop: dict[str, int], lake: dict[str, int]) -> list[str]:
    found = [f"{key}: only in the shop" for key in sorted(shop.keys() - lake.keys())]
    found += [f"{key}: only in the lake" for key in sorted(lake.keys() - shop.keys())]
    both = sorted(shop.keys() & lake.keys())
    return found + [f"{key}: other values" for key in both if shop[key] != lake[key]]


def _show(results: list[Reconciled], point: str) -> None:
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
        for date, keys in result.differing.items():
            more = f" and {len(keys) - _NAMED_KEYS:,} more" * (len(keys) > _NAMED_KEYS)
            OUT.print(
                f"{result.table} {date}: {'; '.join(keys[:_NAMED_KEYS])}{more}",
                highlight=False,
                soft_wrap=True,
            )
