"""`ecom generate`: landing files of made-up events, with faults on demand.

Belongs here: options, and showing what was written. Not here: making events (generator/).
"""

import contextlib
import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from ecom_platform.cli.progress import show_progress
from ecom_platform.cli.terminal import ERR, EXIT_USAGE, OUT
from ecom_platform.generator import (
    GenerationReport,
    GeneratorConfig,
    GeneratorError,
    demo_plan,
    generate,
)
from ecom_platform.generator.config import Split
from ecom_platform.generator.options import fault_plan, period, to_date
from ecom_platform.landing.filling import landing_folder
from ecom_platform.settings import Settings

_DEFAULT_FOLDER = Path("lake/landing/events")
_DEFAULT_ROWS_A_DAY = 1_000_000 / 30
_FILES_SHOWN = 31

_Out = Annotated[
    Path | None,
    typer.Option(help="Folder for the files.", show_default="landing/events of the lake"),
]
_Rows = Annotated[
    int | None,
    typer.Option(help="Rows of the whole period, about.", show_default="33,333 a day"),
]
_Month = Annotated[str | None, typer.Option(help="The period, a month.", show_default="2020-04")]
_From = Annotated[str | None, typer.Option("--from", help="First date of the period.")]
_To = Annotated[str | None, typer.Option("--to", help="Last date of the period, inclusive.")]
_Date = Annotated[
    str | None,
    typer.Option(help="Only this date: of the period, or as the period if no other is given."),
]
_Hour = Annotated[int | None, typer.Option(help="Only this hour (0-23) of --date, UTC.")]
_Split = Annotated[
    Split | None,
    typer.Option(help="One file a month, day or hour.", show_default="what is asked for"),
]
_Seed = Annotated[int, typer.Option(help="Another seed is another shop. Same seed, same events.")]
_Plain = Annotated[bool, typer.Option("--plain/--gz", help="Plain CSV instead of gzip.")]
_Malformed = Annotated[
    int, typer.Option(help="Fault: so many lines of all kinds that must be rejected.")
]
_Lose = Annotated[
    list[str] | None,
    typer.Option(help="Fault: TYPE:DATE, lose an event type, e.g. purchase:2020-04-20."),
]
_Late = Annotated[
    list[str] | None,
    typer.Option(help="Fault: DATE:SHARE, put a share of a date's rows into a late file."),
]
_Repeat = Annotated[
    list[str] | None, typer.Option(help="Fault: NAME of a file to write twice, 2020-Apr.csv.gz.")
]
_Truncate = Annotated[
    list[str] | None, typer.Option(help="Fault: DATE, write one more file with its gzip cut.")
]
_Demo = Annotated[
    bool, typer.Option("--demo", help="The demo's month: a million rows with every fault.")
]
_Report = Annotated[Path | None, typer.Option(help="JSON file for all the numbers.")]


def generate_command(
    context: typer.Context,
    out: _Out = None,
    rows: _Rows = None,
    month: _Month = None,
    first: _From = None,
    last: _To = None,
    date: _Date = None,
    hour: _Hour = None,
    split: _Split = None,
    seed: _Seed = 42,
    plain: _Plain = False,
    malformed: _Malformed = 0,
    lose: _Lose = None,
    late: _Late = None,
    repeat: _Repeat = None,
    truncate: _Truncate = None,
    demo: _Demo = False,
    report: _Report = None,
) -> None:
    """Write made-up shop events in the REES46 format into landing.

    The same options give the same events. All that is injected is reported, to the row.
    """
    try:
        if demo:
            config = _demo(context, seed)
        else:
            start, end = period(month, first, last, date)
            config = GeneratorConfig(
                start=start,
                end=end,
                rows=_usual_rows(start, end) if rows is None else rows,
                seed=seed,
                split=split or _natural_split(date, hour),
                compression="none" if plain else "gz",
                dates=None if date is None else (to_date("--date", date),),
                hours=None if hour is None else (hour,),
                faults=fault_plan(malformed, lose, late, repeat, truncate),
            )
        _write(config, _folder(context, out), report)
    except GeneratorError as fault:
        ERR.print(f"[bold red]ecom:[/] {escape(str(fault))}", highlight=False, soft_wrap=True)
        raise typer.Exit(EXIT_USAGE) from None


def _demo(context: typer.Context, seed: int) -> GeneratorConfig:
    """The demo's plan. It has its own period, volume and faults: no option may ask for others."""
    for parameter in context.command.params:
        name = parameter.name or ""
        source = context.get_parameter_source(name)
        is_given = source is not None and source.name == "COMMANDLINE"
        if is_given and name not in ("demo", "out", "seed", "report"):
            raise GeneratorError(f"--demo cannot be combined with {parameter.opts[0]}")
    return replace(demo_plan(), seed=seed)


def _usual_rows(start: dt.date, end: dt.date) -> int:
    return round(_DEFAULT_ROWS_A_DAY * ((end - start).days + 1))


def _natural_split(date: str | None, hour: int | None) -> Split:
    """Files as large as what is asked for."""
    if hour is None:
        return "month" if date is None else "day"
    if date is None:
        raise GeneratorError("--hour needs --date: name the date that the hour belongs to")
    return "hour"


@contextlib.contextmanager
def _folder(context: typer.Context, out: Path | None) -> Iterator[tuple[Path, str]]:
    """Where files are written, and what that is called: landing, unless a folder was named."""
    if out or not isinstance(context.obj, Settings):
        folder = out or _DEFAULT_FOLDER
        yield folder, str(folder)
        return
    with landing_folder(context.obj) as folder:
        yield folder, f"{context.obj.landing_name}/events"


def _write(
    config: GeneratorConfig,
    target: contextlib.AbstractContextManager[tuple[Path, str]],
    report_path: Path | None,
) -> None:
    """Generate with a progress bar, then show and save the report."""
    if report_path:
        # Before minutes of work, not after.
        try:
            report_path.parent.mkdir(parents=True, exist_ok=True)
            report_path.open("a").close()
        except OSError as fault:
            raise GeneratorError(f"--report {report_path}: {fault.strerror}") from None
    with show_progress() as bars, target as (folder, name):
        report = generate(config, folder, lambda done, total: bars("generate", done, total, "rows"))
    if report_path:
        report.write_json(report_path)
    OUT.print(_files(report, name))
    OUT.print(_expectations(report))
    if report.injected:
        OUT.print(_injected(report))
    for lost in report.lost:
        OUT.print(f"Lost: {lost.rows:,} {lost.event_type} rows of {lost.event_date}")


def _files(report: GenerationReport, folder: str) -> Table:
    """What was written."""
    table = _table(f"Written to {folder}", "file", "kind", "lines", "malformed", "MB")
    shown = report.files[:_FILES_SHOWN]
    for file in shown:
        size = f"{file.bytes / 1e6:,.1f}"
        table.add_row(file.name, file.kind, f"{file.lines:,}", f"{file.malformed:,}", size)
    if len(report.files) > len(shown):
        table.add_row(f"… and {len(report.files) - len(shown):,} more", "", "", "", "")
    return table


def _expectations(report: GenerationReport) -> Table:
    """What the platform must make of it."""
    table = _table("To be expected of the platform", "what", "rows")
    table.add_row("lines read (truncated files are refused whole)", f"{report.lines:,}")
    for reason, count in report.rejected("raw").items():
        table.add_row(f"- rejected by raw: {reason}", f"{count:,}")
    table.add_row("raw_events", f"{report.raw:,}", style="bold")
    table.add_row("- exact duplicates", f"{report.natural_duplicates:,}")
    table.add_row("- duplicates by repeated files", f"{report.repeated_duplicates:,}")
    for reason, count in report.rejected("clean").items():
        table.add_row(f"- rejected by clean: {reason}", f"{count:,}")
    table.add_row("fact_user_events", f"{report.fact:,}", style="bold")
    return table


def _injected(report: GenerationReport) -> Table:
    """The malformed lines, by kind."""
    table = _table("Injected lines", "kind", "layer", "reason", "lines")
    counts: Counter[tuple[str, str, str]] = Counter()
    for each in report.injected:
        counts[each.kind, each.layer, each.reason] += each.lines
    for (kind, layer, reason), lines in counts.items():
        table.add_row(kind, layer, reason, f"{lines:,}")
    return table


def _table(title: str, *columns: str) -> Table:
    """A table whose numbers are aligned to the right."""
    table = Table(title=title, title_justify="left")
    for column in columns:
        is_number = column in ("lines", "malformed", "MB", "rows")
        table.add_column(column, justify="right" if is_number else "left")
    return table
