"""The asset of the lake's maintenance.

Belongs here: maintenance as Dagster knows it. Not here: compacting, forgetting, deleting.
"""

import dataclasses
import datetime as dt

import dagster as dg
from pydantic import Field

from ecom_platform.assets.specs import OWNERS, POOL
from ecom_platform.lake.lake import Lake
from ecom_platform.pipeline.maintenance import MaintenanceReport, TableUpkeep, maintain
from ecom_platform.pipeline.progress import Reporter

LAKE_MAINTENANCE = "lake_maintenance"

_DESCRIPTION = """Keeps the lake quick and small without changing what it says.

Closed dates that lie in many small files are put together, lists of files are merged, versions \
that were replaced a week ago (`ECOM_SNAPSHOT_DAYS`) are forgotten, and files that no table \
mentions are deleted when they are a day old (`ECOM_UNREFERENCED_HOURS`). Refreshed: daily."""

# Sums over all tables, which the user interface plots over time.
_SUMS = (
    "dates_compacted",
    "dates_skipped",
    "snapshots_expired",
    "files_removed",
    "bytes_freed",
    "manifests_before",
    "manifests_after",
)


class MaintenanceConfig(dg.Config):
    """How the lake is maintained."""

    dry_run: bool = Field(
        default=False, description="Only tell what would be done; nothing is changed."
    )


def build_lake_maintenance() -> dg.AssetsDefinition:
    """Make the asset lake_maintenance."""

    @dg.multi_asset(
        name=LAKE_MAINTENANCE,
        specs=[
            dg.AssetSpec(
                key=LAKE_MAINTENANCE,
                group_name="ledger",
                description=_DESCRIPTION,
                kinds={"iceberg"},
                owners=OWNERS,
            )
        ],
        pool=POOL,
    )
    def lake_maintenance(
        context: dg.AssetExecutionContext,
        config: MaintenanceConfig,
        lake: dg.ResourceParam[Lake],
        reporter: dg.ResourceParam[Reporter],
    ) -> dg.MaterializeResult:
        """Maintain every table of the lake."""
        now = dt.datetime.now(tz=dt.UTC)
        report = maintain(lake, now, context.run.run_id, reporter, dry_run=config.dry_run)
        for table in report.tables:
            if table.dates_skipped:
                context.log.info(
                    f"{table.name}: {table.dates_skipped} dates were published by another run "
                    "meanwhile; the next maintenance compacts them"
                )
        metadata = maintenance_metadata(report, dry_run=config.dry_run)
        if report.faults:
            # What was done is done, and is shown with the run that fails for the rest.
            context.log_event(dg.AssetMaterialization(LAKE_MAINTENANCE, metadata=metadata))
            raise dg.Failure(description="\n".join(report.faults), allow_retries=False)
        return dg.MaterializeResult(asset_key=LAKE_MAINTENANCE, metadata=metadata)

    return lake_maintenance


def maintenance_metadata(
    report: MaintenanceReport, *, dry_run: bool
) -> dict[str, dg.MetadataValue]:
    """The numbers of a maintenance: sums over the lake, and a table of all tables."""
    size = {
        "files_before": sum(table.before.files for table in report.tables),
        "files_after": sum(table.after.files for table in report.tables),
        "bytes_before": sum(table.before.size_bytes for table in report.tables),
        "bytes_after": sum(table.after.size_bytes for table in report.tables),
    }
    sums = size | {name: report.total(name) for name in _SUMS}
    tables = [_record(table) for table in report.tables]
    return {
        **{name: dg.MetadataValue.int(number) for name, number in sums.items()},
        "seconds": dg.MetadataValue.float(round(sum((t.seconds for t in report.tables), 0.0), 3)),
        "dry_run": dg.MetadataValue.bool(dry_run),
        **({"tables": dg.MetadataValue.table(tables)} if tables else {}),
    }


def _record(table: TableUpkeep) -> dg.TableRecord:
    numbers = dataclasses.asdict(table)
    before, after = numbers.pop("before"), numbers.pop("after")
    name = numbers.pop("name")
    return dg.TableRecord(
        {
            "table": name,
            "files_before": before["files"],
            "files_after": after["files"],
            "bytes_before": before["size_bytes"],
            "bytes_after": after["size_bytes"],
            **numbers,
        }
    )
