"""The assets of the raw layer.

Belongs here: raw_events as Dagster knows it. Not here: reading objects, committing rows.
"""

import dagster as dg
from pydantic import Field

from ecom_platform.assets.specs import BACKFILL_POLICY, POOL, asset_spec
from ecom_platform.contracts.oltp import CURRENT_OLTP
from ecom_platform.contracts.raw import RAW_EVENTS
from ecom_platform.engines.resource import SparkResource
from ecom_platform.lake.lake import Lake
from ecom_platform.landing.objects import LandingStore
from ecom_platform.partitions import to_date, to_key
from ecom_platform.pipeline.ingest_report import IngestReport, TouchedDate
from ecom_platform.pipeline.progress import Reporter
from ecom_platform.pipeline.raw import (
    contributors,
    find_candidates,
    ingest,
)
from ecom_platform.pipeline.shop.events import EVENT_TABLES, ingest_shop_events
from ecom_platform.pipeline.slice_build import Workplace

_SHOP_TABLES = [CURRENT_OLTP[table].name for table in EVENT_TABLES]


class RawEventsConfig(dg.Config):
    """How raw_events is materialized."""

    reingest: bool = Field(
        default=False,
        description="Also read again the objects that hold rows of the run's dates.",
    )


def build_raw_events(partitions: dg.PartitionsDefinition[str]) -> dg.AssetsDefinition:
    """Make the asset raw_events."""

    @dg.multi_asset(
        name=RAW_EVENTS.name,
        specs=[asset_spec(RAW_EVENTS, kinds={"arrow", "iceberg"}, deps=_SHOP_TABLES)],
        partitions_def=partitions,
        backfill_policy=BACKFILL_POLICY,
        pool=POOL,
    )
    def raw_events(
        context: dg.AssetExecutionContext,
        config: RawEventsConfig,
        lake: dg.ResourceParam[Lake],
        landing: dg.ResourceParam[LandingStore],
        reporter: dg.ResourceParam[Reporter],
        spark: SparkResource,
    ) -> dg.MaterializeResult:
        """Ingest what is pending in landing and what the shop's tables tell, whatever dates."""
        dates = [to_date(key) for key in context.partition_keys] if config.reingest else []
        objects = {found.key: found for found in find_candidates(lake, landing)}
        objects |= {found.key: found for found in contributors(lake, landing, dates)}
        report = ingest(
            lake,
            landing,
            list(objects.values()),
            context.run.run_id,
            reporter,
            reread=config.reingest,
        )
        work = Workplace(lake, lambda: spark.session, context.run.run_id)
        ingest_shop_events(work, report, again=dates)
        report.warnings += [
            f"{key} is no data file by its name (.csv or .csv.gz) and was left alone"
            for key in landing.ignored()
        ]
        _tell(context, report)
        _report_dates(context, lake, report, partitions)
        return dg.MaterializeResult(asset_key=RAW_EVENTS.name)

    return raw_events


def _tell(context: dg.AssetExecutionContext, report: IngestReport) -> None:
    for outcome in report.outcomes:
        if outcome.status == "ingested":
            context.log.info(
                f"{outcome.source_object}: {outcome.line_count:,} lines, {outcome.raw_count:,} "
                f"events, {outcome.malformed_count:,} malformed"
            )
    for refused in report.refused:
        context.log.warning(
            f"{refused.source_object} is refused whole: {refused.reason}, {refused.detail}. "
            "Nothing of it is published; deliver it again to have it read"
        )
    for key in report.changed:
        context.log.warning(f"{key} changed while it was read; it stays pending")
    for warning in report.warnings:
        context.log.warning(warning)


def _report_dates(
    context: dg.AssetExecutionContext,
    lake: Lake,
    report: IngestReport,
    partitions: dg.PartitionsDefinition[str],
) -> None:
    """Report every touched date; those outside the run's own as materializations of their own."""
    own = set(context.partition_keys)
    held = lake.publications.published(RAW_EVENTS.name, [to_date(key) for key in own])
    for key in own:
        date = to_date(key)
        touched = report.dates.get(date, TouchedDate(date))
        if date in held and date not in report.dates:
            touched.row_count, touched.byte_count = held[date].row_count, held[date].byte_count
            touched.objects = held[date].measures.get("objects", 0)
        metadata = _metadata(touched) | _run_metadata(report)
        context.add_asset_metadata(metadata, partition_key=key)
    for date in sorted(report.dates):
        key = to_key(date)
        # Dagster takes any string for a partition: only real ones may reach it.
        if key not in own and partitions.has_partition_key(key):
            context.log_event(
                dg.AssetMaterialization(
                    RAW_EVENTS.name, partition=key, metadata=_metadata(report.dates[date])
                )
            )


def _metadata(touched: TouchedDate) -> dict[str, dg.MetadataValue]:
    return {
        "dagster/partition_row_count": dg.MetadataValue.int(touched.row_count),
        "bytes": dg.MetadataValue.int(touched.byte_count),
        "objects": dg.MetadataValue.int(touched.objects),
        "rows_in": dg.MetadataValue.int(touched.rows_in),
        "late": dg.MetadataValue.int(touched.late),
        "after_close": dg.MetadataValue.int(touched.after_close),
        "longest_delay_seconds": dg.MetadataValue.int(touched.longest_delay_seconds),
        "malformed": dg.MetadataValue.int(touched.malformed),
    }


def _run_metadata(report: IngestReport) -> dict[str, dg.MetadataValue]:
    by_reason = report.malformed_by_reason.items()
    return {
        "run_objects_ingested": dg.MetadataValue.int(len(report.outcomes) - len(report.refused)),
        "run_objects_refused": dg.MetadataValue.int(len(report.refused)),
        "run_rows_after_close": dg.MetadataValue.int(report.after_close),
        "run_longest_delay_seconds": dg.MetadataValue.int(report.longest_delay_seconds),
        "run_malformed_undated": dg.MetadataValue.int(report.undated_malformed),
        **{f"run_malformed_{reason}": dg.MetadataValue.int(n) for reason, n in by_reason},
    }
