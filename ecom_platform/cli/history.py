"""`ecom history`: the versions of a table, what each changed, and whether it can come back.

Belongs here: options and how versions are shown. Not here: looking them up.
"""

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Literal

import typer
from rich.markup import escape
from rich.table import Table

from ecom_platform.cli.results import print_table, write_json_value
from ecom_platform.cli.values import visible
from ecom_platform.errors import SettingsError
from ecom_platform.lake.lake import Lake
from ecom_platform.partitions import to_date
from ecom_platform.pipeline.history import Change, table_history
from ecom_platform.settings import Settings


def history_command(
    context: typer.Context,
    table: Annotated[str, typer.Argument(help="The table, e.g. clean_events.")],
    date: Annotated[
        str | None, typer.Option("--date", help="Only versions that changed this event date.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest.")] = 50,
    form: Annotated[
        Literal["table", "json"], typer.Option("--format", help="How to write it.")
    ] = "table",
) -> None:
    """List a table's versions: what changed, when, by which run, how many rows."""
    settings: Settings = context.obj
    chosen = parse_date(date) if date else None
    changes = table_history(Lake(settings), table, chosen, limit)
    if form == "json":
        write_json_value([dataclasses.asdict(change) for change in changes])
    else:
        print_table(_shown(table, changes))


def parse_date(text: str) -> dt.date:
    """A date as a person writes it.

    Raises:
        SettingsError: it is none.
    """
    try:
        return to_date(text)
    except ValueError as fault:
        raise SettingsError(f"{fault}; write dates like 2020-04-01") from None


def _shown(table: str, changes: Sequence[Change]) -> Table:
    shown = Table(title=f"Versions of {escape(table)}", title_justify="left")
    for name in ("version", "committed (UTC)", "operation", "slice", "run"):
        shown.add_column(name, no_wrap=name != "slice")
    for name in ("rows added", "removed", "rows"):
        shown.add_column(name, justify="right")
    shown.add_column("kept until (UTC)", no_wrap=True)
    for change in changes:
        note = f": {change.note}" if change.note else ""
        shown.add_row(
            str(change.snapshot_id),
            f"{change.committed_at:%Y-%m-%d %H:%M:%S}",
            escape(visible(change.operation + note)),
            escape(visible(change.slice_label)),
            escape(change.run_id[:17]),
            f"{change.rows_added:,}",
            f"{change.rows_removed:,}",
            f"{change.row_count:,}",
            _end(change),
        )
    return shown


def _end(change: Change) -> str:
    if change.is_current:
        return "current"
    return f"{change.kept_until:%Y-%m-%d %H:%M}" if change.kept_until else "its release"
