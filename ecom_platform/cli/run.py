"""`ecom run`: bring the lake up to date, through the same Dagster assets as the UI.

Belongs here: which runs are needed, and the summary. Not here: how a run is executed.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated

import typer
from rich.markup import escape

from ecom_platform.cli.execution import JobRunner, RunResult
from ecom_platform.cli.faults import told_with_a_remedy
from ecom_platform.cli.held import print_held
from ecom_platform.cli.progress import ProgressBars
from ecom_platform.cli.published import print_published, print_verdict
from ecom_platform.cli.terminal import ERR, EXIT_FAILED, OUT
from ecom_platform.contracts import TABLES
from ecom_platform.contracts.clean import CLEAN_EVENTS
from ecom_platform.contracts.model import FACT_USER_EVENTS
from ecom_platform.contracts.oltp import CHANGE_LEDGER, CURRENT_OLTP, RAW_OLTP
from ecom_platform.contracts.raw import RAW_EVENTS, REJECTED_EVENTS
from ecom_platform.contracts.row_ledger import ROW_LEDGER
from ecom_platform.errors import InputsBehind, SettingsError
from ecom_platform.lake.lake import Lake
from ecom_platform.lake.objects import ObjectOutcome
from ecom_platform.landing.stores import open_landing
from ecom_platform.partitions import contiguous_ranges, to_date
from ecom_platform.pipeline.inputs import DATED_TABLES, MULTIDAY
from ecom_platform.pipeline.ledger.undated import find_stale_versions
from ecom_platform.pipeline.marts import (
    MART_STEPS,
    MART_WHOLE_STEPS,
    PROFILE_LAKE_STEPS,
    PROFILE_STEPS,
)
from ecom_platform.pipeline.model import DIMENSION_STEPS, PARTIAL_STEPS
from ecom_platform.pipeline.model.dimensions import Dimension
from ecom_platform.pipeline.raw import find_candidates
from ecom_platform.pipeline.shop.ingest import find_changes
from ecom_platform.pipeline.staleness import DAILY_TABLES, stale_dates
from ecom_platform.pipeline.whole_tables import WHOLE_STEPS
from ecom_platform.settings import Settings

DERIVED = (CLEAN_EVENTS.name, REJECTED_EVENTS.name, FACT_USER_EVENTS.name, ROW_LEDGER.name)
SHOP_TABLES = (
    *(contract.name for contract in (*RAW_OLTP.values(), *CURRENT_OLTP.values())),
    CHANGE_LEDGER.name,
)
EVERYTHING = (RAW_EVENTS.name, *DERIVED)


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


def run_command(
    context: typer.Context,
    first: Annotated[
        str | None, typer.Option("--from", help="First event date, e.g. 2020-04-01.")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", help="Last event date. [default: that of --from]")
    ] = None,
    rebuild: Annotated[
        str | None,
        typer.Option(
            metavar="TABLE",
            help="Build only this table, also where nothing changed: its files were lost.",
        ),
    ] = None,
) -> None:
    """Ingest what is pending in landing and rebuild every date that became stale.

    With dates only those are rebuilt, and the stale dates that are left are listed.
    """
    settings: Settings = context.obj
    dates = _chosen_dates(settings, first, last)
    with told_with_a_remedy(settings.lake_name):
        if rebuild:
            summary = rebuild_table(settings, rebuild, dates)
        else:
            summary = bring_up_to_date(settings, dates)
    lake = Lake(settings)
    print_published(lake, summary.run_ids, summary.refused)
    print_verdict(lake)
    print_held(lake.holds.all())
    if dates:
        _print_left_stale(lake)
    if summary.failures:
        for failure in summary.failures:
            ERR.print(f"[bold red]failed:[/] {escape(failure)}", highlight=False, soft_wrap=True)
        raise typer.Exit(EXIT_FAILED)


def bring_up_to_date(
    settings: Settings, dates: tuple[dt.date, dt.date] | None = None
) -> RunSummary:
    """Ingest what is pending, then rebuild the chosen dates, or else all that is stale."""
    lake, summary = Lake(settings), RunSummary()
    known = set(lake.objects.current().values())
    with ProgressBars() as bars:
        runner = JobRunner(settings, bars)
        if dates:
            summary.runs.append(runner.run(EVERYTHING, dates))
        else:
            today = dt.datetime.now(tz=dt.UTC).date()
            if find_candidates(lake, open_landing(settings)):
                summary.runs.append(runner.run([RAW_EVENTS.name], (today, today)))
            look_at = [CLEAN_EVENTS.name, FACT_USER_EVENTS.name, ROW_LEDGER.name]
            _run_stale(lake, runner, summary, look_at, DERIVED)
            if not summary.failures and find_stale_versions(lake).is_stale:
                # Lines that no date of those runs has.
                summary.runs.append(runner.run([ROW_LEDGER.name], (today, today)))
        if summary.failures:
            # A date that clean_events refused keeps the fact of the whole range from being
            # built in that run; the other dates need not wait for it. The ledger is not asked
            # again for what it has just refused.
            left = [FACT_USER_EVENTS.name, ROW_LEDGER.name]
            if any(failure.startswith(ROW_LEDGER.name) for failure in summary.failures):
                left.remove(ROW_LEDGER.name)
            _run_stale(lake, runner, summary, left, left)
        if not dates:
            if find_changes(lake, open_landing(settings)):
                summary.runs.append(runner.run(SHOP_TABLES))
            _bring_up_to_date(lake, runner, summary, PARTIAL_STEPS, DIMENSION_STEPS)
            _bring_up_to_date(lake, runner, summary, PROFILE_STEPS, PROFILE_LAKE_STEPS)
            # Only when all sessions were looked at is it known which dates of marts are stale.
            _run_stale(lake, runner, summary, [MULTIDAY], [MULTIDAY])
            _bring_up_to_date(lake, runner, summary, MART_STEPS, MART_WHOLE_STEPS)
    outcomes = lake.objects.current().values()
    summary.refused = [o for o in outcomes if o.status == "refused" and o not in known]
    return summary


def rebuild_table(
    settings: Settings, table: str, dates: tuple[dt.date, dt.date] | None
) -> RunSummary:
    """Build a table anew, whether or not what it is built from changed.

    Raises:
        SettingsError: there is no such table to build, or it has dates and none were chosen.
    """
    known = (RAW_EVENTS.name, *DATED_TABLES, *WHOLE_STEPS)
    if table not in known:
        raise SettingsError(f"--rebuild {table}: choose one of {', '.join(known)}")
    has_dates = TABLES[table].partition_by is not None
    if has_dates and not dates:
        raise SettingsError(f"--rebuild {table} needs --from: name the dates to build anew")
    # Both are built by one step.
    tables = [table, REJECTED_EVENTS.name] if table == CLEAN_EVENTS.name else [table]
    option = "reingest" if table == RAW_EVENTS.name else "rebuild"
    with ProgressBars() as bars:
        runner = JobRunner(settings, bars)
        run = runner.run(tables, dates if has_dates else None, {table: {option: True}})
    return RunSummary([run])


def _run_stale(
    lake: Lake, runner: JobRunner, summary: RunSummary, look_at: Sequence[str], run: Sequence[str]
) -> None:
    """Materialize tables for the dates on which some tables are stale, a run a range."""
    for dates in contiguous_ranges(_stale(lake, *look_at)):
        summary.runs.append(runner.run(run, dates))


def _bring_up_to_date(
    lake: Lake,
    runner: JobRunner,
    summary: RunSummary,
    dated: Iterable[str],
    whole: Mapping[str, Dimension],
) -> None:
    """Rebuild dated tables for closed dates, then the tables without dates that they changed."""
    _run_stale(lake, runner, summary, list(dated), list(dated))
    now = dt.datetime.now(tz=dt.UTC)
    try:
        stale = [name for name, step in whole.items() if step.find_stale(lake, now)]
    except InputsBehind as behind:
        summary.runs.append(RunResult("", [str(behind)]))
        return
    if stale:
        summary.runs.append(runner.run(stale))


def _chosen_dates(
    settings: Settings, first: str | None, last: str | None
) -> tuple[dt.date, dt.date] | None:
    if first is None:
        if last is not None:
            raise SettingsError("--to needs --from: name the first date too")
        return None
    try:
        chosen = to_date(first), to_date(last or first)
    except ValueError as fault:
        raise SettingsError(f"{fault}; write dates like 2020-04-01") from None
    today = dt.datetime.now(tz=dt.UTC).date()
    if chosen[0] > chosen[1]:
        raise SettingsError(f"--from {first} lies after --to {last}")
    if chosen[0] < settings.start_date or chosen[1] > today:
        raise SettingsError(
            f"{chosen[0]}..{chosen[1]} is not within {settings.start_date}..{today}: the lake "
            "begins at ECOM_START_DATE and ends today"
        )
    return chosen


def _stale(lake: Lake, *tables: str) -> set[dt.date]:
    now = dt.datetime.now(tz=dt.UTC)
    last = now.date()
    stale: set[dt.date] = set()
    for table in tables:
        # A partial adds up dates that have ended.
        end = last - dt.timedelta(days=1) if table in DAILY_TABLES else last
        dates = stale_dates(lake, table, None, now)
        stale |= {date for date in dates if lake.settings.start_date <= date <= end}
    return stale


def _print_left_stale(lake: Lake) -> None:
    ranges = contiguous_ranges(_stale(lake, CLEAN_EVENTS.name, FACT_USER_EVENTS.name))
    if ranges:
        named = ", ".join(f"{a}" if a == b else f"{a}..{b}" for a, b in ranges)
        OUT.print(f"[yellow]Still stale:[/] {named}. `ecom run` without dates rebuilds them.")
