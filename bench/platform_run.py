"""ecom_platform as a child of the bench: landing to marts, driven as `ecom run` does.

Belongs here: the order of the runs and what is told of them. Not here: measuring memory, other
contenders.

    python -m bench.platform_run month LAKE FIRST LAST     asset by asset, each in a run of its own
    python -m bench.platform_run marts LAKE FIRST LAST     the marts of a month that is there
    python -m bench.platform_run date LAKE FIRST LAST      from landing to marts, asset by asset
    python -m bench.platform_run events LAKE FIRST LAST    all of some dates, as the schedule does
    python -m bench.platform_run count LAKE                what every contender must agree on
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.scripts.stopwatch import CHECKS, CLEAN_FACT, DIMS, RAW

if TYPE_CHECKING:
    from dagster import DagsterInstance

    from ecom_platform.cli.execution import JobRunner
    from ecom_platform.lake.lake import Lake

START, ORCHESTRATION = "start", "orchestration"
MARTS, USERS_MARTS = "marts by date", "marts of users"


@dataclass(frozen=True)
class MonthRun:
    """One run of the month.

    Attributes:
        group: the row of the comparison that its steps count for; its checks have their own.
        tables: the assets.
        by_date: whether they have partitions.
    """

    group: str
    tables: tuple[str, ...]
    by_date: bool = True


def runs_of_the_hour() -> tuple[MonthRun, ...]:
    """What the hourly job does, asset by asset, up to the fact."""
    return (
        MonthRun(RAW, ("raw_events",)),
        MonthRun(CLEAN_FACT, ("clean_events", "rejected_events")),
        MonthRun(CLEAN_FACT, ("fact_user_events",)),
    )


def runs_of_the_day() -> tuple[MonthRun, ...]:
    """What the daily job does."""
    from ecom_platform.contracts.model import DIMENSIONS, PARTIALS

    return (
        MonthRun(DIMS, tuple(contract.name for contract in PARTIALS)),
        MonthRun(DIMS, tuple(contract.name for contract in DIMENSIONS), by_date=False),
    )


def runs_of_the_marts() -> tuple[MonthRun, ...]:
    """What the daily job of the marts does, without the page."""
    from ecom_platform.pipeline.marts import MART_STEPS, MART_WHOLE_STEPS, MULTIDAY_STEP

    return (
        MonthRun(MARTS, (MULTIDAY_STEP.contract.name, *MART_STEPS)),
        MonthRun(USERS_MARTS, tuple(MART_WHOLE_STEPS), by_date=False),
    )


class FirstWork:
    """A reporter that remembers when the first block of a landing object was read."""

    def __init__(self) -> None:
        self.at: float | None = None

    def __call__(self, stage: str, done: int, total: int, unit: str) -> None:  # noqa: ARG002
        """Take note of the moment."""
        if self.at is None:
            self.at = time.time()


def run_assets(lake_folder: str, dates: Sequence[dt.date], runs: Sequence[MonthRun]) -> None:
    """Materialize table after table for all dates, each with its checks."""
    begun, first_work = time.time(), FirstWork()
    runner, instance = _open(lake_folder, first_work)
    _tell_stage(START, START, begun, time.time())
    for run in runs:
        started = time.time()
        result = runner.run(run.tables, (dates[0], dates[-1]) if run.by_date else None)
        _tell_steps(instance, result.run_id, run, started)
        if result.failures:
            raise SystemExit("\n".join(result.failures))
    _tell({"facts": {"first_work_at": first_work.at}})


def run_events(lake_folder: str, first: dt.date, last: dt.date) -> None:
    """Materialize all events of some dates in one run, as the hourly job does."""
    begun = time.time()
    runner, instance = _open(lake_folder, FirstWork())
    _tell_stage(START, START, begun, time.time())
    started = time.time()
    # The ledger has no counterpart in the scripts, and so it is no part of the month.
    tables = (*(table for run in runs_of_the_hour() for table in run.tables), "row_ledger")
    result = runner.run(tables, (first, last))
    _tell_steps(instance, result.run_id, MonthRun("all", tables), started)
    if result.failures:
        raise SystemExit("\n".join(result.failures))


def count(lake_folder: str) -> None:
    """Tell what is published, counted from the stored files by another engine."""
    import duckdb

    from ecom_platform.lake.lake import Lake
    from ecom_platform.settings import load_settings

    lake = Lake(load_settings(lake=lake_folder, _env_file=None))
    clean = lake.publications.published("clean_events").values()
    rejected = [f for f in lake.table("rejected_events").files() if f.only("layer") == "clean"]
    counted = duckdb.sql(
        """SELECT count(*), count(DISTINCT user_id), count(DISTINCT product_id),
                  coalesce(sum(price) FILTER (WHERE event_type = 'purchase'), 0) * 100
           FROM read_parquet($files, hive_partitioning = false)""",
        params={"files": [file.path for file in lake.table("fact_user_events").files()]},
    ).fetchall()[0]
    fact, users, products, revenue = (int(number) for number in counted)
    counts = {
        "raw": _rows(lake, "raw_events"),
        "duplicates": sum(state.measures["duplicates"] for state in clean),
        "rejected": sum(file.row_count for file in rejected),
        "fact": fact,
        "users": users,
        "products": products,
        "revenue_cents": revenue,
    }
    _tell({"counts": counts})


def _open(lake_folder: str, reporter: FirstWork) -> tuple[JobRunner, DagsterInstance]:
    from ecom_platform.cli.execution import JobRunner, open_instance
    from ecom_platform.settings import load_settings

    settings = load_settings(lake=lake_folder, _env_file=None)
    return JobRunner(settings, reporter), open_instance()


def _tell_steps(instance: DagsterInstance, run_id: str, run: MonthRun, started: float) -> None:
    """Tell of every step of a run, and of what the run took beside its steps."""
    ended, in_steps = time.time(), 0.0
    for step in instance.get_run_step_stats(run_id):
        if step.start_time and step.end_time:
            group = CHECKS if step.step_key.endswith("_checks") else run.group
            _tell_stage(step.step_key, group, step.start_time, step.end_time)
            in_steps += step.end_time - step.start_time
    beside = max(ended - started - in_steps, 0.0)
    _tell_stage(f"orchestration of {run.tables[0]}", ORCHESTRATION, ended - beside, ended)


def _rows(lake: Lake, table: str) -> int:
    return sum(file.row_count for file in lake.table(table).files())


def _tell_stage(name: str, group: str, started: float, ended: float) -> None:
    seconds = round(ended - started, 3)
    _tell({"stage": name, "group": group, "seconds": seconds, "ended": ended})


def _tell(line: Mapping[str, object]) -> None:
    print(json.dumps(line), flush=True)


def main(arguments: Sequence[str]) -> None:
    """Do what the command line says."""
    command, lake_folder, *dates = arguments
    days = [dt.date.fromisoformat(date) for date in dates]
    match command:
        case "month":
            run_assets(lake_folder, days, (*runs_of_the_hour(), *runs_of_the_day()))
        case "marts":
            run_assets(lake_folder, days, runs_of_the_marts())
        case "date":
            runs = (*runs_of_the_hour(), *runs_of_the_day(), *runs_of_the_marts())
            run_assets(lake_folder, days, runs)
        case "events":
            run_events(lake_folder, days[0], days[1])
        case "count":
            count(lake_folder)
        case _:
            raise SystemExit(f"unknown command {command!r}")


if __name__ == "__main__":
    main(sys.argv[1:])
