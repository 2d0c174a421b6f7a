"""A lake whose every check is green, published through Dagster, for all tests of checks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import dagster as dg
import pytest

from ecom_platform.checks.clean import evaluate_clean_events
from ecom_platform.checks.ledger import evaluate_row_ledger
from ecom_platform.checks.marts import mart_evaluators, profile_evaluators
from ecom_platform.checks.model import model_evaluators
from ecom_platform.checks.model.dimensions import judge_dimension
from ecom_platform.checks.raw import evaluate_raw_events
from ecom_platform.definitions import build_defs
from ecom_platform.lake.lake import Lake
from ecom_platform.pipeline.marts import MART_WHOLE_STEPS, PROFILE_LAKE_STEPS
from ecom_platform.pipeline.model import DIMENSION_STEPS
from ecom_platform.pipeline.slice_build import Workplace
from ecom_platform.pipeline.stored import StoredTables
from ecom_platform.settings import load_settings
from ecom_platform_tests.checks.check_pages import (
    DIMENSION_NAMES,
    MART_NAMES,
    PARTIAL_NAMES,
    PROFILE_NAMES,
    CheckPages,
)
from ecom_platform_tests.checks.tampering import published_instead
from ecom_platform_tests.platform_in_small import Drop
from ecom_platform_tests.samples import DAY, at

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from ecom_platform.lake.audit import Finding
    from ecom_platform.settings import Settings
    from ecom_platform_tests.checks.check_pages import Shown
    from ecom_platform_tests.checks.faults import Fault

# The last of them is the one that tests spoil: it has the history that some checks need.
DAYS = [DAY + dt.timedelta(days=n - 4) for n in range(5)]
VISITORS = range(1, 31)
EVERY_DAY = range(1, 21)  # They come back in the session in which they came first.
MINIMUM_ROWS = 80

# They call for a person and keep nothing from readers; every other check blocks.
WARNING_CHECKS = frozenset(
    {
        "unknown_share_by_category",
        "minimum_rows",
        "newest_closed_hour_is_present",
        "no_event_type_is_lost",
        "one_user_per_session",
        "cart_before_purchase",
        "view_before_cart",
        "no_orphan_users",
        "no_orphan_products",
        "duplicates_agree",
    }
)


EVALUATORS = {
    "raw_events": evaluate_raw_events,
    "clean_events": evaluate_clean_events,
    **model_evaluators(),
    "row_ledger": evaluate_row_ledger,
    **profile_evaluators(),
    **mart_evaluators(),
}
WHOLE_TABLES = {**DIMENSION_STEPS, **PROFILE_LAKE_STEPS, **MART_WHOLE_STEPS}


@dataclass
class JudgedLake:
    """A lake of five dates of ninety events, and the Dagster instance that it was built with.

    Attributes:
        as_built: the states of all checks right after that, by table, check and date.
        fact_as_built: what the checks of the fact showed then, by date and check.
    """

    lake: Lake
    work: Workplace
    pages: CheckPages
    as_built: dict[str, dict[str, dict[str, str]]]
    fact_as_built: dict[dt.date, dict[str, Shown]]

    def findings(
        self, table: str, date: dt.date = DAYS[-1], run_id: str = "another run"
    ) -> dict[str, Finding]:
        """The verdicts on a date of a table, or on a table without dates, by check.

        Args:
            table: the table.
            date: the date.
            run_id: the run that judges.
        """
        work = Workplace(self.lake, self.work.open_spark, run_id)
        if table in WHOLE_TABLES:
            found = judge_dimension(WHOLE_TABLES[table], work)
        else:
            found = EVALUATORS[table](StoredTables(work, DAYS), date)
        assert len({finding.check for finding in found}) == len(found)
        return {finding.check: finding for finding in found}

    def spoiled(self, fault: Fault) -> dict[str, Finding]:
        """The verdicts while a fault is stored."""
        date = None if fault.table in WHOLE_TABLES else DAYS[-1]
        with published_instead(self.lake, fault.spoils or fault.table, fault.change, date):
            return self.findings(fault.table)

    def assert_found(self, fault: Fault) -> None:
        """A fault is found by its check, with the numbers, and by no other."""
        found = self.spoiled(fault)
        assert {name for name, f in found.items() if not f.passed} == {fault.check} | fault.also
        finding = found[fault.check]
        assert fault.numbers.items() <= finding.numbers.items()
        assert finding.message
        assert finding.blocking == (fault.check not in WARNING_CHECKS)


def visits(day: dt.date) -> list[dict[str, object]]:
    """Thirty visitors, each of whom looks at a product, puts it into the cart and buys it."""
    return [
        {
            **at(visitor % 24, 10 * step, day=day),
            "event_type": event_type,
            "user_id": visitor,
            "user_session": f"session-{visitor}" + f"-{day}" * (visitor not in EVERY_DAY),
            "product_id": 1 + visitor % 15,
        }
        for visitor in VISITORS
        for step, event_type in enumerate(("view", "cart", "purchase"))
    ]


def settings_of(folder: object, **choices: object) -> Settings:
    """Settings of a lake in a folder, whatever the environment of this machine chooses."""
    chosen = {"start_date": dt.date(2020, 1, 1), "engine": "sail", "catalog": None, **choices}
    return load_settings(lake=str(folder), _env_file=None, **chosen)


@pytest.fixture(scope="session")
def judged(tmp_path_factory: pytest.TempPathFactory, spark: SparkSession) -> Iterator[JudgedLake]:
    """The lake; whoever spoils something puts it back."""
    settings = settings_of(tmp_path_factory.mktemp("judged"), minimum_rows=MINIMUM_ROWS)
    drop = Drop(settings.landing_path)
    for day in DAYS:
        drop(f"{day}.csv", *visits(day))
    lake = Lake(settings)
    with dg.DagsterInstance.ephemeral() as instance:
        pages = CheckPages(build_defs(settings), instance)
        assert pages.run("events_hourly_job", DAYS[0], DAYS[-1]).success
        assert pages.run("dimensions_daily_job", DAYS[0], DAYS[-1], only=PARTIAL_NAMES).success
        assert pages.run("dimensions_daily_job", only=DIMENSION_NAMES).success
        assert pages.run("profile_daily_job", DAYS[0], DAYS[-1], only=PROFILE_NAMES).success
        assert pages.run("profile_daily_job", only=["eda_profile_lake"]).success
        assert pages.run("marts_daily_job", DAYS[0], DAYS[-1], only=MART_NAMES).success
        assert pages.run("marts_daily_job", only=MART_WHOLE_STEPS).success
        as_built = {table: pages.states(table) for table in EVALUATORS}
        fact_as_built = {day: pages.of_date("fact_user_events", day) for day in DAYS}
        work = Workplace(lake, lambda: spark, "another run")
        yield JudgedLake(lake, work, pages, as_built, fact_as_built)
