"""The assets of the shop's tables: what DMS delivered, and the tables as they are now.

Belongs here: these tables as Dagster knows them. Not here: reading objects, folding changes.
"""

from collections.abc import Iterator

import dagster as dg
from pydantic import Field

from ecom_platform.assets.dates import Metadata, RebuildConfig, slice_metadata
from ecom_platform.assets.specs import POOL, asset_spec
from ecom_platform.contracts.oltp import CHANGE_LEDGER, CURRENT_OLTP, RAW_OLTP, SHOP_STEP
from ecom_platform.engines.resource import SparkResource
from ecom_platform.errors import FilesLost, PublishConflict
from ecom_platform.lake.audit import AuditFailed
from ecom_platform.lake.lake import Lake
from ecom_platform.landing.objects import LandingStore
from ecom_platform.pipeline.shop.fold import find_stale_table, rebuild_table
from ecom_platform.pipeline.shop.ingest import (
    ChangesReport,
    all_changes,
    find_changes,
    ingest_changes,
)
from ecom_platform.pipeline.slice_build import Workplace

# What keeps a table from being folded; the others go on.
_REFUSALS = (AuditFailed, FilesLost, PublishConflict)


class ShopConfig(RebuildConfig):
    """How the shop's tables are materialized."""

    reingest: bool = Field(
        default=False, description="Also read again what was read: files of raw tables were lost."
    )


def build_shop_tables() -> dg.AssetsDefinition:
    """Make the assets of the shop's tables: one step, since a table is folded in a second."""

    @dg.multi_asset(name=SHOP_STEP, specs=_specs(), pool=POOL)
    def shop_tables(
        context: dg.AssetExecutionContext,
        config: ShopConfig,
        lake: dg.ResourceParam[Lake],
        landing: dg.ResourceParam[LandingStore],
        spark: SparkResource,
    ) -> Iterator[dg.MaterializeResult]:
        """Ingest what DMS has delivered, then fold the tables that changed."""
        listed = all_changes(landing) if config.reingest else find_changes(lake, landing)
        run_id = context.run.run_id
        report = ingest_changes(lake, landing, listed, run_id, reread=config.reingest)
        _tell(context, report)
        for table, contract in RAW_OLTP.items():
            metadata = _raw_metadata(lake, report, table)
            yield dg.MaterializeResult(asset_key=contract.name, metadata=metadata)
        work = Workplace(lake, lambda: spark.session, run_id)
        refusals = []
        for table, contract in CURRENT_OLTP.items():
            try:
                metadata = _fold(work, table, rebuild=config.rebuild)
            except _REFUSALS as refusal:
                refusals.append(str(refusal))
            else:
                yield dg.MaterializeResult(asset_key=contract.name, metadata=metadata)
        if refusals:
            # Trying again would end alike.
            raise dg.Failure(description="\n".join(refusals), allow_retries=False)
        yield dg.MaterializeResult(asset_key=CHANGE_LEDGER.name)

    return shop_tables


def _specs() -> list[dg.AssetSpec]:
    raw_names = [contract.name for contract in RAW_OLTP.values()]
    engine = {"pyspark", "iceberg"}
    return [
        *(asset_spec(contract, kinds={"arrow", "iceberg"}) for contract in RAW_OLTP.values()),
        *(
            asset_spec(contract, kinds=engine, deps=[RAW_OLTP[table].name])
            for table, contract in CURRENT_OLTP.items()
        ),
        asset_spec(CHANGE_LEDGER, kinds=engine, deps=raw_names),
    ]


def _fold(work: Workplace, table: str, *, rebuild: bool) -> Metadata:
    """Fold a table if it is stale; the numbers of what it holds then."""
    stale = find_stale_table(work.lake, table, rebuild=rebuild)
    rebuilt = rebuild_table(work, table, stale, rebuild=rebuild) if stale else None
    name = CURRENT_OLTP[table].name
    return slice_metadata(name, work.lake.publications.published_whole(name), rebuilt)


def _raw_metadata(lake: Lake, report: ChangesReport, table: str) -> Metadata:
    files = lake.table(RAW_OLTP[table].name).files()
    mine = [outcome for outcome in report.outcomes if outcome.shop_table == table]
    refused = [outcome for outcome in mine if outcome.status == "refused"]
    return {
        "dagster/row_count": dg.MetadataValue.int(sum(file.row_count for file in files)),
        "bytes": dg.MetadataValue.int(sum(file.byte_count for file in files)),
        "objects": dg.MetadataValue.int(len(files)),
        "rows_in": dg.MetadataValue.int(sum(outcome.row_count for outcome in mine)),
        "objects_refused": dg.MetadataValue.int(len(refused)),
    }


def _tell(context: dg.AssetExecutionContext, report: ChangesReport) -> None:
    for outcome in report.outcomes:
        key = outcome.source_object
        if outcome.status == "refused":
            context.log.warning(
                f"{key} is refused whole: {outcome.reason}, {outcome.detail}. Nothing of it is "
                "published; deliver it again to have it read"
            )
        elif outcome.additional_columns:
            context.log.warning(
                f"{key} has columns that {outcome.shop_table} does not have: "
                f"{outcome.additional_columns}; {RAW_OLTP[outcome.shop_table].name} keeps them as "
                "`additional`"
            )
    for why in report.left_alone:
        context.log.warning(f"{why}; it stays pending")
