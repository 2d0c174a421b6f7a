"""`ecom status`: what the lake holds, what of it is stale, and what waits in landing.

Belongs here: showing the overview. Not here: looking it up.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Annotated, Literal

import typer
from rich.markup import escape
from rich.table import Table

from ecom_platform.cli.held import print_held
from ecom_platform.cli.published import print_verdict
from ecom_platform.cli.results import print_table, write_json_value
from ecom_platform.cli.terminal import OUT
from ecom_platform.cli.values import visible
from ecom_platform.lake.lake import Lake
from ecom_platform.landing.stores import open_landing
from ecom_platform.partitions import contiguous_ranges
from ecom_platform.pipeline.ledger.verdict import judge_ledger
from ecom_platform.pipeline.overview import (
    DateOverview,
    LakeOverview,
    LandingOverview,
    TableOverview,
)
from ecom_platform.pipeline.survey import survey
from ecom_platform.settings import Settings

_NAMED_OBJECTS = 10


def status_command(
    context: typer.Context,
    form: Annotated[
        Literal["table", "json"], typer.Option("--format", help="How to write it.")
    ] = "table",
    dates: Annotated[bool, typer.Option("--dates", help="One line for each event date.")] = False,
) -> None:
    """Show tables, dates, rows, rejections, what is stale, and what waits in landing."""
    settings: Settings = context.obj
    now = dt.datetime.now(tz=dt.UTC)
    overview = survey(Lake(settings), open_landing(settings), now)
    if form == "json":
        write_json_value(_dates_as_json(overview) if dates else _as_json(settings, overview))
        return
    if not overview.tables:
        _say(f"The lake {settings.lake_name} is empty: nothing was published yet.")
    elif dates:
        print_table(_dates_table(overview.dates))
    else:
        print_table(_tables_table(settings, overview.tables))
        _print_stale(overview.tables)
        print_verdict(Lake(settings))
        print_held(overview.held)
    _print_landing(overview.landing)
    if not overview.tables and not overview.landing.pending:
        _say(
            f"Put CSV or CSV.gz files below {settings.landing_name + '/events'} and start "
            "`ecom run`, or make some with `ecom generate` or `ecom demo`."
        )


def _tables_table(settings: Settings, tables: Sequence[TableOverview]) -> Table:
    shown = Table(title=escape(f"Lake {settings.lake_name}"), title_justify="left")
    shown.add_column("table", no_wrap=True)
    shown.add_column("event dates")
    for name in ("dates", "rows", "duplicates", "rejected", "stale dates", "size"):
        shown.add_column(name, justify="right")
    shown.add_column("last run", no_wrap=True)
    shown.add_column("published (UTC)", no_wrap=True)
    for table in tables:
        shown.add_row(
            table.name,
            _period(table),
            _count(len(table.dates) or None),
            _count(table.totals.rows),
            _count(table.duplicates),
            _count(table.rejected),
            f"[yellow]{len(table.stale):,}[/]" if table.stale else "",
            _size(table.totals.size_bytes),
            escape((table.last_run or "")[:8]),
            _time(table.published_at),
        )
    return shown


def _period(table: TableOverview) -> str:
    if table.as_of:
        return f"as of {table.as_of}"
    return f"{table.dates[0]}..{table.dates[-1]}" if table.dates else ""


def _dates_table(dates: Sequence[DateOverview]) -> Table:
    reasons = list(dict.fromkeys(reason for date in dates for reason in date.rejected))
    shown = Table(title="Event dates", title_justify="left")
    shown.add_column("event_date", no_wrap=True)
    for name in ("raw_events", "duplicates", *(f"rejected: {r}" for r in reasons)):
        shown.add_column(escape(name), justify="right")
    shown.add_column("fact_user_events", justify="right")
    shown.add_column("published (UTC)", no_wrap=True)
    shown.add_column("stale")
    for date in dates:
        shown.add_row(
            str(date.event_date),
            _count(date.rows_in),
            _count(date.duplicates),
            *(_count(date.rejected.get(reason)) for reason in reasons),
            _count(date.rows_out),
            _time(date.published_at),
            f"[yellow]{', '.join(date.stale)}[/]" if date.stale else "",
        )
    shown.add_section()
    shown.add_row(
        f"dates: {len(dates):,}",
        _count(_sum(date.rows_in for date in dates)),
        _count(_sum(date.duplicates for date in dates)),
        *(_count(_sum(date.rejected.get(reason) for date in dates)) for reason in reasons),
        _count(_sum(date.rows_out for date in dates)),
        "",
        _count(sum(bool(date.stale) for date in dates) or None),
    )
    return shown


def _print_stale(tables: Sequence[TableOverview]) -> None:
    for table in tables:
        if table.stale:
            ranges = contiguous_ranges(table.stale)
            named = ", ".join(f"{a}" if a == b else f"{a}..{b}" for a, b in ranges)
            OUT.print(f"[yellow]Stale:[/] {table.name} {named}", highlight=False, soft_wrap=True)
    if any(table.stale for table in tables):
        _say("`ecom run` rebuilds what is stale.")


def _print_landing(landing: LandingOverview) -> None:
    if landing.pending:
        size = _size(sum(found.size for found in landing.pending))
        _say(f"Pending in landing: {len(landing.pending):,} ({size}); `ecom run` reads them")
        _list(f"{found.key}, {_size(found.size)}" for found in landing.pending)
    if landing.refused:
        _say(f"Refused whole: {len(landing.refused):,}; deliver them again, or remove them")
        _list(f"{one.source_object}: {one.detail} ({one.reason})" for one in landing.refused)
    if landing.ignored:
        _say(f"Ignored in landing for their names: {len(landing.ignored):,}")
        _list(landing.ignored)


def _list(lines: Iterable[str]) -> None:
    lines = list(lines)
    for line in lines[:_NAMED_OBJECTS]:
        _say(f"  {line}")
    if len(lines) > _NAMED_OBJECTS:
        _say(f"  and {len(lines) - _NAMED_OBJECTS:,} more")


def _say(text: str) -> None:
    OUT.print(escape(visible(text)), highlight=False, soft_wrap=True)


def _as_json(settings: Settings, overview: LakeOverview) -> dict[str, object]:
    verdict = judge_ledger(Lake(settings))
    return {
        "lake": settings.lake_name,
        "tables": [
            {
                "table": table.name,
                "first_date": table.dates[0] if table.dates else None,
                "last_date": table.dates[-1] if table.dates else None,
                "date_count": len(table.dates),
                "as_of_date": table.as_of,
                "row_count": table.totals.rows,
                "duplicate_count": table.duplicates,
                "rejected_count": table.rejected,
                "stale_dates": table.stale,
                "file_count": table.totals.files,
                "size_bytes": table.totals.size_bytes,
                "last_run_id": table.last_run,
                "last_published_at": table.published_at,
            }
            for table in overview.tables
        ],
        **_landing_as_json(overview.landing),
        "row_ledger": verdict
        and {
            "is_complete": verdict.is_complete,
            "line_count": verdict.lines,
            "uncounted": verdict.uncounted,
            "pending": verdict.counts["pending_count"],
            "held": verdict.held,
            "stale_dates": verdict.stale_dates,
        },
        "held": [asdict(hold) for hold in overview.held],
    }


def _landing_as_json(landing: LandingOverview) -> dict[str, object]:
    return {
        "pending": [
            {"source_object": found.key, "size_bytes": found.size, "modified_at": found.modified_at}
            for found in landing.pending
        ],
        "refused": [
            {"source_object": one.source_object, "reason": one.reason, "detail": one.detail}
            for one in landing.refused
        ],
        "ignored": landing.ignored,
    }


def _dates_as_json(overview: LakeOverview) -> list[dict[str, object]]:
    return [
        {
            "event_date": date.event_date,
            "rows_in": date.rows_in,
            "duplicates": date.duplicates,
            "rejected": dict(date.rejected),
            "rows_out": date.rows_out,
            "published_at": date.published_at,
            "stale": date.stale,
        }
        for date in overview.dates
    ]


def _sum(counts: Iterable[int | None]) -> int:
    return sum(count or 0 for count in counts)


def _count(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


def _size(size_bytes: int) -> str:
    size, unit = float(size_bytes), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if size < 1000:
            break
        size, unit = size / 1000, larger
    return f"{size:,.0f} {unit}" if unit in ("B", "kB") else f"{size:,.1f} {unit}"


def _time(moment: dt.datetime | None) -> str:
    return f"{moment.astimezone(dt.UTC):%Y-%m-%d %H:%M}" if moment else ""
