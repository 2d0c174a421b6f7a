"""`ecom oltp demo`: the shop lives, is replicated and folded, and agrees with the lake in the end.

Belongs here: the order of the steps. Not here: any of the steps.
"""

import datetime as dt
import threading
import time
from collections import Counter
from collections.abc import Callable

import dagster as dg
import typer

from ecom_platform.cli.execution import JobRunner
from ecom_platform.cli.progress import show_progress
from ecom_platform.cli.published import print_published, print_verdict
from ecom_platform.cli.reconcile import reconcile
from ecom_platform.cli.refresh import RunSummary, refresh_events
from ecom_platform.cli.replicate import FOLDER
from ecom_platform.cli.terminal import EXIT_FAILED, OUT, print_failures
from ecom_platform.contracts.oltp import SHOP_STEP_TABLES
from ecom_platform.generator import GeneratorConfig
from ecom_platform.lake.lake import Lake
from ecom_platform.lake.sql import connect
from ecom_platform.landing.objects import LandingStore
from ecom_platform.landing.stores import open_landing
from ecom_platform.oltp.connection import database_url, embedded_server, require_driver
from ecom_platform.oltp.load import load_generated
from ecom_platform.oltp.migrate import migrate
from ecom_platform.oltp.simulate import simulate
from ecom_platform.sensors.changes import landing_dms_sensor
from ecom_platform.sensors.landing import landing_events_sensor
from ecom_platform.settings import Settings

_SHOP = GeneratorConfig(dt.date(2020, 4, 1), dt.date(2020, 4, 2), rows=20_000)
_SLOT = "ecom_demo"
# Seconds in which a file that was written last has settled.
_TICKS = 20
_BY_DEVICE = "SELECT device_type, count(*) FROM fact_user_events GROUP BY 1 ORDER BY 2 DESC"


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
        went_well = _follow(settings)
        reconcile(settings, _SLOT)
        OUT.print('Look: ecom sql "SELECT * FROM change_ledger"', highlight=False)
        if not went_well:
            raise typer.Exit(EXIT_FAILED)
    finally:
        if server:
            server.stop()
            OUT.print("PostgreSQL is stopped; its data stay.")


def _follow(settings: Settings) -> bool:
    """Do what the sensors ask for: fold the shop's tables, then refresh the events of all dates.

    Returns:
        Whether both asked, and no run failed.
    """
    lake, landing, summary = Lake(settings), open_landing(settings), RunSummary()
    runs: dict[dg.SensorDefinition, Callable[[JobRunner], None]] = {
        landing_dms_sensor: lambda runner: summary.runs.append(runner.run(SHOP_STEP_TABLES)),
        landing_events_sensor: lambda runner: refresh_events(lake, runner, summary),
    }
    for sensor, run in runs.items():
        if not _asks(sensor, lake, landing):
            return False
        with show_progress() as bars:
            run(JobRunner(settings, bars))
    print_published(lake, summary.run_ids, summary.refused)
    print_verdict(lake)
    with connect(lake) as connection:
        for device, events in connection.execute(_BY_DEVICE).fetchall():
            OUT.print(f"fact_user_events: {events:,} events by {device}", highlight=False)
    print_failures(summary.failures)
    return not summary.failures


def _asks(sensor: dg.SensorDefinition, lake: Lake, landing: LandingStore) -> bool:
    """Tick a sensor until it asks for a run: what was written a moment ago may still grow."""
    for _ in range(_TICKS):
        context = dg.build_sensor_context(resources={"lake": lake, "landing": landing})
        answer = sensor(context)
        if isinstance(answer, dg.SensorResult):
            OUT.print(f"{sensor.name} asks for {sensor.job_name}.", highlight=False)
            return True
        time.sleep(1)
    OUT.print(f"{sensor.name} asks for nothing.", highlight=False)
    return False


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
