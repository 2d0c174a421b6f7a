"""The asset of the dashboard: one HTML file, written again when what it shows changes.

Belongs here: the dashboard as Dagster knows it. Not here: the page, or which dates are complete.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path

import dagster as dg

from ecom_platform.assets.dates import Metadata
from ecom_platform.assets.specs import OWNERS, rebuild_when_a_partial_changes
from ecom_platform.contracts.marts import EDA_PROFILE_LAKE, MARTS
from ecom_platform.contracts.row_ledger import ROW_LEDGER
from ecom_platform.lake.lake import Lake
from ecom_platform.pipeline.dashboard import (
    CheckResult,
    Dashboard,
    Incomplete,
    build_dashboard,
    write_dashboard,
)

BI_DASHBOARD = "bi_dashboard"

_DESCRIPTION = """What the marts say, as one page: `index.html`, which needs no server and no \
network. Key figures and their change, funnel, products, sessions, categories and brands, \
activity, prices, carts, users and cohorts, and how far the data can be trusted.

Refreshed: when a mart, the profile or the ledger changes. `ecom dashboard --out FOLDER --open` \
writes it elsewhere."""


def build_bi_dashboard(
    incomplete: Incomplete, checks: Sequence[dg.AssetChecksDefinition]
) -> dg.AssetsDefinition:
    """Make the asset bi_dashboard.

    Args:
        incomplete: tells which dates of the fact are incomplete, and why.
        checks: those of which the page shows the last results.
    """
    keys = [key for definition in checks for key in definition.check_keys]
    inputs = [*(mart.name for mart in MARTS), EDA_PROFILE_LAKE.name, ROW_LEDGER.name]

    @dg.multi_asset(
        name=BI_DASHBOARD,
        specs=[
            dg.AssetSpec(
                key=BI_DASHBOARD,
                deps=inputs,
                group_name="marts",
                description=_DESCRIPTION,
                kinds={"duckdb", "html"},
                owners=OWNERS,
                automation_condition=rebuild_when_a_partial_changes(),
            )
        ],
    )
    def bi_dashboard(
        context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake]
    ) -> dg.MaterializeResult:
        """Write the page beside the tables."""
        now = dt.datetime.now(tz=dt.UTC)
        results = last_results(context.instance, keys)
        dashboard = build_dashboard(lake, now, incomplete, results)
        path = write_dashboard(dashboard, lake)
        return dg.MaterializeResult(
            asset_key=BI_DASHBOARD, metadata=dashboard_metadata(dashboard, path)
        )

    return bi_dashboard


def dashboard_metadata(dashboard: Dashboard, path: str) -> Metadata:
    """What the user interface shows of a page: where it lies, and what is on it."""
    metadata: Metadata = {
        "page": dg.MetadataValue.path(path),
        "bytes": dg.MetadataValue.int(len(dashboard.html.encode())),
        "dates": dg.MetadataValue.int(len(dashboard.dates)),
        "incomplete_dates": dg.MetadataValue.int(len(dashboard.incomplete)),
    }
    if path.startswith("s3://"):
        metadata["how_to_open"] = dg.MetadataValue.md("`ecom dashboard --out FOLDER --open`")
    else:
        metadata["link"] = dg.MetadataValue.url(Path(path).as_uri())
        # Browsers let no page of a server open a file, also where one clicks on a link to it.
        metadata["how_to_open"] = dg.MetadataValue.md(
            "`ecom dashboard --open`, or copy the link into the address bar."
        )
    if dashboard.dates:
        metadata["first_date"] = dg.MetadataValue.text(dashboard.dates[0].isoformat())
        metadata["last_date"] = dg.MetadataValue.text(dashboard.dates[-1].isoformat())
    if dashboard.missing:
        metadata["not_published_yet"] = dg.MetadataValue.text(", ".join(dashboard.missing))
    return metadata


def last_results(
    instance: dg.DagsterInstance, keys: Iterable[dg.AssetCheckKey]
) -> list[CheckResult]:
    """The last result of each check that was run, whichever date it was about."""
    latest = instance.event_log_storage.get_latest_asset_check_execution_by_key(sorted(keys))
    found = []
    for key, record in latest.items():
        judged = record.event.asset_check_evaluation if record.event else None
        if judged:
            found.append(
                CheckResult(
                    key.asset_key.to_user_string(),
                    key.name,
                    "blocking" if judged.severity == dg.AssetCheckSeverity.ERROR else "warning",
                    not judged.passed,
                    judged.description or "",
                )
            )
    return found
