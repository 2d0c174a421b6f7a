"""`ecom maintain`: the lake's daily maintenance, now, through the same asset as the UI.

Belongs here: options, and the numbers for a terminal. Not here: what maintenance does.
"""

from typing import Annotated, Any

import typer
from rich.table import Table

from ecom_platform.cli.execution import JobRunner
from ecom_platform.cli.progress import show_progress
from ecom_platform.cli.results import print_table
from ecom_platform.cli.terminal import EXIT_FAILED, OUT, print_failures
from ecom_platform.settings import Settings

_COLUMNS = {
    "files": ("files_before", "files_after"),
    "bytes": ("bytes_before", "bytes_after"),
    "manifests": ("manifests_before", "manifests_after"),
    "dates compacted": ("dates_compacted",),
    "versions forgotten": ("snapshots_expired",),
    "files deleted": ("files_removed",),
    "bytes freed": ("bytes_freed",),
}


def maintain_command(
    context: typer.Context,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what would be done.")
    ] = False,
) -> None:
    """Compact closed dates, forget old versions, delete what no table mentions.

    The schedule does it every night. It changes no row, and may run beside anything.
    """
    settings: Settings = context.obj
    with show_progress() as bars:
        result = JobRunner(settings, bars).maintain(dry_run=dry_run)
    if "tables" in result.metadata:
        print_table(_shown(result.metadata["tables"].records, dry_run=dry_run))
    print_failures(result.failures)
    if result.failures:
        raise typer.Exit(EXIT_FAILED)
    if dry_run:
        OUT.print("Nothing was changed. Files that this would leave unmentioned do not count yet.")


def _shown(records: Any, *, dry_run: bool) -> Table:
    shown = Table(title="Would be done" if dry_run else "Maintenance", title_justify="left")
    shown.add_column("table", no_wrap=True)
    for name in _COLUMNS:
        shown.add_column(name, justify="right")
    for record in records:
        numbers = record.data
        shown.add_row(str(numbers["table"]), *(_cell(numbers, c) for c in _COLUMNS.values()))
    shown.add_section()
    sums = {
        name: sum(record.data[name] for record in records)
        for columns in _COLUMNS.values()
        for name in columns
    }
    shown.add_row("together", *(_cell(sums, columns) for columns in _COLUMNS.values()))
    return shown


def _cell(numbers: Any, columns: tuple[str, ...]) -> str:
    values = [f"{numbers[name]:,}" for name in columns]
    return values[0] if len(set(values)) == 1 else " → ".join(values)
