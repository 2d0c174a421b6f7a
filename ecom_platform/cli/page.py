"""The dashboard after other commands: written again when it does not say what is published.

Belongs here: whether it must be written, and saying where it lies. Not here: the page.
"""

import datetime as dt

from rich.markup import escape

from ecom_platform.assets.marts.dashboard import BI_DASHBOARD
from ecom_platform.cli.execution import JobRunner, RunResult
from ecom_platform.cli.terminal import OUT
from ecom_platform.contracts.model import FACT_USER_EVENTS
from ecom_platform.lake.lake import Lake
from ecom_platform.pipeline.dashboard import is_current, page_path


def bring_page_up_to_date(lake: Lake, runner: JobRunner, *, is_changed: bool) -> list[RunResult]:
    """Write the page beside the tables, if it does not say what is published.

    Args:
        lake: the lake.
        runner: runs its asset, so that the user interface shows it.
        is_changed: whether runs went before: also one that published nothing leaves results of
            checks, which are on the page.

    Returns:
        The run; none if there was no need for one.
    """
    # Here, and not above: it takes a second, and `ecom --help` needs none of it.
    from ecom_platform.checks.marts import incomplete_dates

    if not lake.publications.published(FACT_USER_EVENTS.name):
        return []
    if not is_changed and is_current(lake, dt.datetime.now(tz=dt.UTC), incomplete_dates):
        return []
    return [runner.run([BI_DASHBOARD])]


def print_page(lake: Lake) -> None:
    """Say where the page lies, if there is one, so that it can be opened."""
    path = page_path(lake)
    if lake.storage.exists(path):
        how = " (ecom dashboard --out FOLDER --open shows it)" if lake.settings.s3 else ""
        OUT.print(f"[bold]Dashboard:[/] {escape(path)}{how}", highlight=False, soft_wrap=True)
