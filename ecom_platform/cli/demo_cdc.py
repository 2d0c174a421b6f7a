"""`ecom oltp demo`: the shop lives, is replicated and folded, and agrees with the lake in the end.

Belongs here: the order of the steps. Not here: any of the steps.
"""

import datetime as dt
import threading
from collections import Counter

import typer

from ecom_platform.cli.reconcile import reconcile
from ecom_platform.cli.replicate import FOLDER
from ecom_platform.cli.terminal import OUT
from ecom_platform.generator import GeneratorConfig
from ecom_platform.oltp.connection import database_url, embedded_server, require_driver
from ecom_platform.oltp.load import load_generated
from ecom_platform.oltp.migrate import migrate
from ecom_platform.oltp.simulate import simulate
from ecom_platform.settings import Settings

_SHOP = GeneratorConfig(dt.date(2020, 4, 1), dt.date(2020, 4, 2), rows=20_000)
_SLOT = "ecom_demo"


def demo_cdc_command(
    context: typer.Context,
    transactions: int = typer.Option(300, min=1, help="How long the shop lives."),
    rate: float = typer.Option(30, min=0, help="Transactions a second; 0: as fast as they go."),
) -> None:
    """Open a shop, let it live while it is replicated, fold its changes, and compare to the row."""
    require_driver()
    settings: Settings = context.obj
    server = embedded_server(settings)
    if server:
        server.start()
    try:
        url = database_url(settings)
        migrate(url)
        added = load_generated(url, _SHOP)
        OUT.print(f"The shop holds {added['events']:,} more events.", highlight=False)
        changes, happened = _live(settings, url, transactions, rate)
        OUT.print(
            f"{happened.total():,} transactions happened, {changes:,} changes were replicated "
            "while they did.",
            highlight=False,
        )
        reconcile(settings, _SLOT)
        OUT.print('Look: ecom sql "SELECT * FROM change_ledger"', highlight=False)
    finally:
        if server:
            server.stop()
            OUT.print("PostgreSQL is stopped; its data stay.")


def _live(settings: Settings, url: str, transactions: int, rate: float) -> tuple[int, Counter[str]]:
    """Let the shop live beside the replicator: changes written, and what happened."""
    from ecom_platform.oltp.replicator.options import BEST_FOR_THE_LAKE
    from ecom_platform.oltp.replicator.task import Replicator

    happened: Counter[str] = Counter()
    faults: list[BaseException] = []

    def live() -> None:
        try:
            happened.update(
                simulate(url, transactions=transactions, seed=transactions, rate=rate or None)
            )
        except Exception as fault:  # noqa: BLE001  raised again below, by the thread that waits
            faults.append(fault)

    task = Replicator(url, settings.landing_path / FOLDER, BEST_FOR_THE_LAKE, slot=_SLOT)
    written: list[int] = []
    try:
        task.start()
        shop = threading.Thread(target=live, daemon=True)
        shop.start()
        task.run(lambda: not shop.is_alive(), poll_seconds=0.5, told=written.append)
    finally:
        task.close()
    if faults:
        raise faults[0]
    return sum(written), happened
