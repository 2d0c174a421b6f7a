"""`ecom run`: bring the lake up to date, through the same Dagster assets as the UI.

Belongs here: which runs are needed, and the summary. Not here: how a run is executed.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated

import typer

from ecom_platform.cli.execution import JobRunner, RunResult
from ecom_platform.cli.faults import told_with_a_remedy
from ecom_platform.cli.held import print_held
from ecom_platform.cli.page import bring_page_up_to_date, print_page
from ecom_platform.cli.progress import show_progress
from ecom_platform.cli.published import print_published, print_verdict
from ecom_platform.cli.refresh import (
    DERIVED,
    RunSummary,
    go_on_without_refused,
    refresh_events,
    run_stale,
    stale_on,
)
from ecom_platform.cli.terminal import EXIT_FAILED, OUT, print_failures
from ecom_platform.contracts import TABLES
from ecom_platform.contracts.clean import CLEAN_EVENTS
from ecom_platform.contracts.model import FACT_USER_EVENTS
from ecom_platform.contracts.oltp import SHOP_STEP, SHOP_STEP_TABLES
from ecom_platform.contracts.raw import RAW_EVENTS, REJECTED_EVENTS
from ecom_platform.errors import InputsBehind, SettingsError
from ecom_platform.lake.lake import Lake
from ecom_platform.partitions import contiguous_ranges, to_date
from ecom_platform.pipeline.inputs import DATED_TABLES, MULTIDAY
from ecom_platform.pipeline.marts import (
    MART_STEPS,
    MART_WHOLE_STEPS,
    PROFILE_LAKE_STEPS,
    PROFILE_STEPS,
)
from ecom_platform.pipeline.model import DIMENSION_STEPS, PARTIAL_STEPS
from ecom_platform.pipeline.model.dimensions import Dimension
from ecom_platform.pipeline.whole_tables import WHOLE_STEPS
from ecom_platform.settings import Settings

EVERYTHING = (RAW_EVENTS.name, *DERIVED)


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

    With dates only those are rebuilt, and the stale dates that are left are listed. At the end the
    dashboard is written, if anything on it has changed.
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
    print_page(lake)
    if dates:
        _print_left_stale(lake)
    if summary.failures:
        print_failures(summary.failures)
        raise typer.Exit(EXIT_FAILED)


def bring_up_to_date(
    settings: Settings, dates: tuple[dt.date, dt.date] | None = None
) -> RunSummary:
    """Ingest what is pending, then rebuild the chosen dates, or else all that is stale."""
    lake, summary = Lake(settings), RunSummary()
    known = set(lake.objects.current().values())
    with show_progress() as bars:
        runner = JobRunner(settings, bars)
        if dates:
            summary.runs.append(runner.run(EVERYTHING, dates))
            go_on_without_refused(lake, runner, summary)
        else:
            refresh_events(lake, runner, summary)
            _bring_up_to_date(lake, runner, summary, PARTIAL_STEPS, DIMENSION_STEPS)
            _bring_up_to_date(lake, runner, summary, PROFILE_STEPS, PROFILE_LAKE_STEPS)
            # Only when all sessions were looked at is it known which dates of marts are stale.
            run_stale(lake, runner, summary, [MULTIDAY], [MULTIDAY])
            _bring_up_to_date(lake, runner, summary, MART_STEPS, MART_WHOLE_STEPS)
        summary.runs += bring_page_up_to_date(lake, runner, is_changed=bool(summary.runs))
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
    known = (RAW_EVENTS.name, *DATED_TABLES, *WHOLE_STEPS, *SHOP_STEP_TABLES)
    if table not in known:
        raise SettingsError(f"--rebuild {table}: choose one of {', '.join(known)}")
    has_dates = TABLES[table].partition_by is not None
    if has_dates and not dates:
        raise SettingsError(f"--rebuild {table} needs --from: name the dates to build anew")
    # Both are built by one step.
    tables: Sequence[str] = [table, REJECTED_EVENTS.name] if table == CLEAN_EVENTS.name else [table]
    options = {table: {"reingest" if table == RAW_EVENTS.name else "rebuild": True}}
    if table in SHOP_STEP_TABLES:
        tables = SHOP_STEP_TABLES  # one step, for all of them
        options = {SHOP_STEP: {"rebuild": True, "reingest": table.startswith("raw_")}}
    with show_progress() as bars:
        runner = JobRunner(settings, bars)
        run = runner.run(tables, dates if has_dates else None, options)
        return RunSummary([run, *bring_page_up_to_date(Lake(settings), runner, is_changed=True)])


def _bring_up_to_date(
    lake: Lake,
    runner: JobRunner,
    summary: RunSummary,
    dated: Iterable[str],
    whole: Mapping[str, Dimension],
) -> None:
    """Rebuild dated tables for closed dates, then the tables without dates that they changed."""
    run_stale(lake, runner, summary, list(dated), list(dated))
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


def _print_left_stale(lake: Lake) -> None:
    ranges = contiguous_ranges(stale_on(lake, CLEAN_EVENTS.name, FACT_USER_EVENTS.name))
    if ranges:
        named = ", ".join(f"{a}" if a == b else f"{a}..{b}" for a, b in ranges)
        OUT.print(f"[yellow]Still stale:[/] {named}. `ecom run` without dates rebuilds them.")
