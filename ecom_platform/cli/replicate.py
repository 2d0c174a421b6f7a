"""`ecom oltp replicate`: the stand-in for DMS, from the shop's database into landing.

Belongs here: options, and what is said. Not here: replication (oltp/replicator/).
"""

import time
from pathlib import Path
from typing import Annotated

import typer

from ecom_platform.cli.terminal import OUT
from ecom_platform.oltp.connection import database_url, require_driver
from ecom_platform.settings import Settings

# Beside `events/`, as a bucket folder of DMS: landing/dms/<schema>/<table>/.
FOLDER = "dms"


def replicate_command(
    context: typer.Context,
    settings_file: Annotated[
        Path | None,
        typer.Option("--settings", help="JSON file like S3Settings of a DMS endpoint."),
    ] = None,
    slot: Annotated[str, typer.Option(help="Name of the replication slot.")] = "ecom_dms",
    once: Annotated[
        bool, typer.Option("--once", help="Write what was committed until now, and end.")
    ] = False,
    seconds: Annotated[
        float | None, typer.Option(min=0, help="End after so long.", show_default="until Ctrl+C")
    ] = None,
    reload: Annotated[
        bool, typer.Option("--reload", help="Remove what was written, and load everything anew.")
    ] = False,
) -> None:
    """Write the shop's rows and their changes into landing, as AWS DMS would.

    This is a stand-in for development and tests: its files are like those of DMS, its speed and
    its faults are not. Killed at any point and started again, it loses nothing.
    """
    require_driver()
    from ecom_platform.oltp.replicator.options import BEST_FOR_THE_LAKE, read_settings
    from ecom_platform.oltp.replicator.task import Replicator

    settings: Settings = context.obj
    chosen = read_settings(settings_file) if settings_file else BEST_FOR_THE_LAKE
    root = settings.landing_path / FOLDER
    task = Replicator(database_url(settings), root, chosen, slot=slot)
    try:
        if task.start(reload=reload):
            OUT.print(f"Full load complete: {root}", highlight=False, soft_wrap=True)
        if once:
            _tell(task.flush_all())
            return
        end = None if seconds is None else time.monotonic() + seconds
        task.run(lambda: end is not None and time.monotonic() >= end, told=_tell)
    finally:
        task.close()


def _tell(changes: int) -> None:
    OUT.print(f"{changes:,} changes written", highlight=False)
