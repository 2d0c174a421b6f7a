"""Refreshing the events: from landing to the fact and the row ledger, whatever is stale of them.

Belongs here: which runs that needs. Not here: what follows from the fact (run.py), options.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from ecom_platform.cli.execution import JobRunner, RunResult
from ecom_platform.contracts.clean import CLEAN_EVENTS
from ecom_platform.contracts.model import FACT_USER_EVENTS
from ecom_platform.contracts.oltp import SHOP_STEP_TABLES
from ecom_platform.contracts.raw import RAW_EVENTS, REJECTED_EVENTS
from ecom_platform.contracts.row_ledger import ROW_LEDGER
from ecom_platform.lake.lake import Lake
from ecom_platform.lake.objects import ObjectOutcome
from ecom_platform.landing.stores import open_landing
from ecom_platform.partitions import contiguous_ranges
from ecom_platform.pipeline.ledger.undated import find_stale_versions
from ecom_platform.pipeline.raw import find_candidates
from ecom_platform.pipeline.shop.events import waiting_events
from ecom_platform.pipeline.shop.fold import find_stale_tables
from ecom_platform.pipeline.shop.ingest import find_changes
from ecom_platform.pipeline.staleness import DAILY_TABLES, stale_dates

DERIVED = (CLEAN_EVENTS.name, REJECTED_EVENTS.name, FACT_USER_EVENTS.name, ROW_LEDGER.name)


@dataclass
class RunSummary:
    """What `ecom run` did: its runs, and the objects that it was the first to refuse."""

    runs: list[RunResult] = field(default_factory=list)
    refused: list[ObjectOutcome] = field(default_factory=list)

    @property
    def failures(self) -> list[str]:
        """What went wrong, for a person; the same thing once."""
        return list(dict.fromkeys(failure for run in self.runs for failure in run.failures))

    @property
    def run_ids(self) -> set[str]:
        """The runs, as the UI knows them."""
        return {run.run_id for run in self.runs}


def refresh_events(lake: Lake, runner: JobRunner, summary: RunSummary) -> None:
    """From landing to the fact and the row ledger: the shop's tables, then all stale dates."""
    today, landing = dt.datetime.now(tz=dt.UTC).date(), open_landing(lake.settings)
    # First: events of the shop's tables are part of raw_events.
    if find_changes(lake, landing) or find_stale_tables(lake):
        summary.runs.append(runner.run(SHOP_STEP_TABLES))
    if find_candidates(lake, landing) or waiting_events(lake):
        summary.runs.append(runner.run([RAW_EVENTS.name], (today, today)))
    look_at = [CLEAN_EVENTS.name, FACT_USER_EVENTS.name, ROW_LEDGER.name]
    run_stale(lake, runner, summary, look_at, DERIVED)
    if not summary.failures and find_stale_versions(lake).is_stale:
        # Lines that no date of those runs has.
        summary.runs.append(runner.run([ROW_LEDGER.name], (today, today)))
    go_on_without_refused(lake, runner, summary)


def go_on_without_refused(lake: Lake, runner: JobRunner, summary: RunSummary) -> None:
    """Build what dates that were refused have kept from being built.

    A date that clean_events refused keeps the fact of the whole range from being built in that
    run; the other dates need not wait for it. The ledger is not asked again for what it has just
    refused.
    """
    if not summary.failures:
        return
    left = [FACT_USER_EVENTS.name, ROW_LEDGER.name]
    if any(failure.startswith(ROW_LEDGER.name) for failure in summary.failures):
        left.remove(ROW_LEDGER.name)
    run_stale(lake, runner, summary, left, left)


def run_stale(
    lake: Lake, runner: JobRunner, summary: RunSummary, look_at: Sequence[str], run: Sequence[str]
) -> None:
    """Materialize tables for the dates on which some tables are stale, a run a range."""
    for dates in contiguous_ranges(stale_on(lake, *look_at)):
        summary.runs.append(runner.run(run, dates))


def stale_on(lake: Lake, *tables: str) -> set[dt.date]:
    """The dates on which one of some tables is stale, and can be built."""
    now = dt.datetime.now(tz=dt.UTC)
    last = now.date()
    stale: set[dt.date] = set()
    for table in tables:
        # A partial adds up dates that have ended.
        end = last - dt.timedelta(days=1) if table in DAILY_TABLES else last
        dates = stale_dates(lake, table, None, now)
        stale |= {date for date in dates if lake.settings.start_date <= date <= end}
    return stale
