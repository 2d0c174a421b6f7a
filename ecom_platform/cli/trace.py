"""`ecom trace`: what became of a landing object, or of one line of it.

Belongs here: showing the answer. Not here: finding it.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import typer
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from ecom_platform.cli.results import print_table, write_json_value
from ecom_platform.cli.terminal import OUT
from ecom_platform.cli.values import to_text, visible
from ecom_platform.contracts.row_ledger import COUNT_COLUMNS, FATES_OF_A_RAW_ROW
from ecom_platform.lake.lake import Lake
from ecom_platform.landing.stores import open_landing
from ecom_platform.pipeline.trace.origin import Origin, TracedVersion
from ecom_platform.pipeline.trace.row import TracedRow, trace_row
from ecom_platform.pipeline.trace.summary import DateFates, TracedObject, trace_object
from ecom_platform.settings import Settings

_SHOWN = ("line_count", "raw_count", "malformed_count", *FATES_OF_A_RAW_ROW, "fact_count")


def trace_command(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="OBJECT", help="Its key below landing/, or its path.")
    ],
    row: Annotated[
        int | None,
        typer.Option(min=1, help="One physical line of it; the header is line 1."),
    ] = None,
    version: Annotated[
        str | None, typer.Option(help="The version of --row: its first characters are enough.")
    ] = None,
    form: Annotated[
        Literal["table", "json"], typer.Option("--format", help="How to write it.")
    ] = "table",
) -> None:
    """Tell what became of a landing object, or of one line of it.

    A line is published as an event, a duplicate of another line, rejected or malformed with its
    reason, or not there yet. No engine is started.
    """
    settings: Settings = context.obj
    origin = Origin(Lake(settings), open_landing(settings), name)
    if row is not None:
        traced = trace_row(origin, row, version)
        _show(form, row_as_json(traced), lambda: _print_row(traced))
    else:
        whole = trace_object(origin)
        _show(form, object_as_json(whole), lambda: _print_object(whole))


def _show(form: str, value: Mapping[str, object], show: Any) -> None:
    if form == "json":
        write_json_value(value)
    else:
        show()


def row_as_json(traced: TracedRow) -> dict[str, object]:
    """What became of a line, for programs."""
    return {
        "source_object": traced.source_object,
        "source_row": traced.source_row,
        "object_version": traced.object_version,
        "fate": traced.fate,
        "sentence": traced.sentence,
        **traced.facts,
        "line": traced.line,
        "values": traced.values or None,
        "note": traced.note,
    }


def _print_row(traced: TracedRow) -> None:
    version = f", version {traced.object_version}" if traced.object_version else ""
    _say(f"{traced.source_object} line {traced.source_row:,}{version}")
    OUT.print(Text(visible(traced.sentence), style="bold"), soft_wrap=True)
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, style="dim")
    grid.add_column(overflow="fold")
    for name, value in {"text": traced.line, **traced.facts, **traced.values}.items():
        if value is not None:
            grid.add_row(name, Text(visible(to_text(value))))
    print_table(grid)
    if traced.note:
        _say(f"Note: {traced.note}.")


def object_as_json(traced: TracedObject) -> dict[str, object]:
    """What became of an object, for programs."""
    return {
        "source_object": traced.source_object,
        "versions": [_version_as_json(version) for version in traced.versions],
        "total": _counts_as_json(traced.total),
        "dates": [
            {
                "event_date": of_date.event_date,
                "source": of_date.source,
                **_counts_as_json(of_date.counts),
            }
            for of_date in traced.dates
        ],
        "malformed_examples": [
            {"reason": e.reason, "source_row": e.source_row, "detail": e.detail, "line": e.line}
            for e in traced.examples
        ],
        "note": traced.note,
    }


def _version_as_json(version: TracedVersion) -> dict[str, object]:
    outcome = version.outcome
    return {
        "object_version": outcome.object_version,
        "status": version.status,
        "line_count": outcome.line_count,
        "raw_count": outcome.raw_count,
        "malformed_count": outcome.malformed_count,
        "size_bytes": outcome.size_bytes,
        "modified_at": outcome.modified_at,
        "recorded_at": version.recorded_at,
        "run_id": version.run_id,
        "reason": outcome.reason,
        "detail": outcome.detail,
    }


def _counts_as_json(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: counts[name] for name in COUNT_COLUMNS if name in _SHOWN or counts[name]}


def _print_object(traced: TracedObject) -> None:
    _say(traced.source_object)
    for version in traced.versions:
        _say(f"  {_version_in_words(version)}")
    if not traced.versions:
        _say("  not ingested yet: it lies in landing; `ecom run` reads it")
    elif traced.dates:
        print_table(_dates_table(traced.dates, traced.total))
        _print_reasons(traced)
        _say(_equations(traced.total))
    elif any(version.status == "current" for version in traced.versions):
        _say("It has a header and no line.")
    if traced.note and traced.versions:
        _say(f"Note: {traced.note}.")


def _version_in_words(version: TracedVersion) -> str:
    outcome = version.outcome
    read = f"{version.recorded_at.astimezone(dt.UTC):%Y-%m-%d %H:%M}, run {version.run_id[:8]}"
    named = f"version {outcome.object_version} ({version.status}; {read}): "
    if version.status == "refused":
        return f"{named}refused whole, {outcome.reason}: {outcome.detail}"
    return f"{named}{outcome.line_count:,} lines"


def _dates_table(dates: Sequence[DateFates], total: Mapping[str, int]) -> Table:
    table = Table(title="Lines by date", title_justify="left")
    table.add_column("event_date", no_wrap=True)
    for name in _SHOWN:
        table.add_column(name.removesuffix("_count"), justify="right")
    table.add_column("from")
    for of_date in dates:
        date = str(of_date.event_date or "no date")
        table.add_row(date, *_cells(of_date.counts), of_date.source)
    table.add_section()
    table.add_row("all", *_cells(total), "")
    return table


def _cells(counts: Mapping[str, int]) -> list[str]:
    return [f"{counts[name]:,}" for name in _SHOWN]


def _print_reasons(traced: TracedObject) -> None:
    for name in COUNT_COLUMNS:
        if name in _SHOWN or not traced.total[name]:
            continue
        layer, _, reason = name.removesuffix("_count").partition("_")
        _say(f"{layer}: {reason}: {traced.total[name]:,}")
        for example in traced.examples:
            if layer == "malformed" and example.reason == reason:
                _say(f"  line {example.source_row:,}: {example.detail}: {example.line[:120]}")


def _equations(total: Mapping[str, int]) -> str:
    parts = " + ".join(
        f"{total[name]:,} {name.removesuffix('_count')}"
        for name in FATES_OF_A_RAW_ROW
        if total[name] or name in ("clean_count", "duplicate_count", "rejected_count")
    )
    return (
        f"{total['line_count']:,} lines = {total['raw_count']:,} raw + "
        f"{total['malformed_count']:,} malformed; {total['raw_count']:,} raw = {parts}; "
        f"{total['clean_count']:,} clean, {total['fact_count']:,} in the fact"
    )


def _say(text: str) -> None:
    OUT.print(escape(visible(text)), highlight=False, soft_wrap=True)
