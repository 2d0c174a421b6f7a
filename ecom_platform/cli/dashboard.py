"""`ecom dashboard`: the published numbers as one HTML page, for whoever opens it.

Belongs here: options, and what is said of the page. Not here: the page.
"""

import datetime as dt
import webbrowser
from pathlib import Path
from typing import Annotated

import dagster as dg
import typer
from rich.markup import escape

from ecom_platform.cli.terminal import ERR, OUT
from ecom_platform.errors import SettingsError
from ecom_platform.lake.lake import Lake
from ecom_platform.pipeline.dashboard import CheckResult, build_dashboard, write_dashboard
from ecom_platform.settings import Settings, dagster_home


def dashboard_command(
    context: typer.Context,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for index.html. [default: dashboard/ beside the tables]"),
    ] = None,
    open_it: Annotated[bool, typer.Option("--open", help="Show it in the browser.")] = False,
) -> None:
    """Write what the marts say as one page that needs no server and no network.

    The daily job writes the same page beside the tables.
    """
    # Here, and not above: it takes a second, and `ecom --help` needs none of it.
    from ecom_platform.checks.marts import incomplete_dates

    settings: Settings = context.obj
    if out is not None and out.exists() and not out.is_dir():
        raise SettingsError(f"--out {out} is a file; name a folder")
    lake = Lake(settings)
    now = dt.datetime.now(tz=dt.UTC)
    dashboard = build_dashboard(lake, now, incomplete_dates, _last_results(settings))
    path = write_dashboard(dashboard, lake, out)
    size = len(dashboard.html.encode()) / 1e6
    shown = f"{len(dashboard.dates)} days" if dashboard.dates else "nothing is published yet"
    OUT.print(f"{path}: {size:.1f} MB, {shown}", markup=False, highlight=False, soft_wrap=True)
    for date, why in dashboard.incomplete.items():
        said = f"[yellow]incomplete:[/] {date}: {escape(why)}"
        ERR.print(said, highlight=False, soft_wrap=True)
    if dashboard.dates and dashboard.missing:
        missing = f"not published yet: {', '.join(dashboard.missing)}"
        ERR.print(missing, markup=False, highlight=False, soft_wrap=True)
    if open_it:
        _open(path)


def _last_results(settings: Settings) -> list[CheckResult] | None:
    """What Dagster knows of the checks; None where it keeps no state."""
    home = dagster_home()
    if home is None:
        return None
    from ecom_platform.assets.marts.dashboard import last_results
    from ecom_platform.definitions import build_defs

    keys = build_defs(settings).get_repository_def().asset_checks_defs_by_key
    return last_results(dg.DagsterInstance.from_config(str(home)), keys)


def _open(path: str) -> None:
    if path.startswith("s3://"):
        ERR.print("--open needs a page on this machine: name a folder with --out", markup=False)
    elif not webbrowser.open(Path(path).as_uri()):
        ERR.print(f"no browser was found; open {path} yourself", markup=False, soft_wrap=True)
