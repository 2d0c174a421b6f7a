"""The assets of the dimensions: rebuilt as a whole, without partitions.

Belongs here: the dimensions as Dagster knows them. Not here: when one is stale, row logic.
"""

import datetime as dt
from collections.abc import Callable, Mapping

import dagster as dg

from ecom_platform.assets.dates import Metadata, RebuildConfig, slice_metadata
from ecom_platform.assets.refusals import EvaluateWhole, Following, show_whole
from ecom_platform.assets.specs import POOL, asset_spec, rebuild_when_a_partial_changes
from ecom_platform.engines.resource import SparkResource
from ecom_platform.errors import FilesLost, InputsBehind, PublishConflict
from ecom_platform.lake.audit import AuditFailed
from ecom_platform.lake.lake import Lake
from ecom_platform.pipeline.model import DIMENSION_STEPS
from ecom_platform.pipeline.model.dimensions import Dimension
from ecom_platform.pipeline.slice_build import Rebuilt, Workplace

# What keeps a dimension from being rebuilt.
REFUSALS = (AuditFailed, FilesLost, InputsBehind, PublishConflict)


def build_dimension_assets(
    evaluators: Mapping[str, EvaluateWhole],
) -> list[dg.AssetsDefinition]:
    """Make one asset a dimension.

    Args:
        evaluators: for every dimension, what judges it as stored, for runs that refuse it.
    """
    return [build_whole_asset(step, evaluators[name]) for name, step in DIMENSION_STEPS.items()]


def build_whole_asset(
    dimension: Dimension,
    evaluate: EvaluateWhole,
    describe: Callable[[Workplace], Metadata] | None = None,
    following: Following | None = None,
) -> dg.AssetsDefinition:
    """Make the asset of a table that is rebuilt as a whole from partials.

    Args:
        dimension: how it is built.
        evaluate: judges it as stored, for runs that refuse it.
        describe: tells more of the published table than its numbers.
        following: what is not built in a run that refuses it.
    """
    name = dimension.contract.name

    @dg.multi_asset(name=name, specs=[_spec(dimension)], pool=POOL)
    def dimension_table(
        context: dg.AssetExecutionContext,
        config: RebuildConfig,
        lake: dg.ResourceParam[Lake],
        spark: SparkResource,
    ) -> dg.MaterializeResult:
        """Rebuild the dimension if a date of its partials changed."""
        work = Workplace(lake, lambda: spark.session, context.run.run_id)
        try:
            rebuilt = _rebuild(dimension, work, rebuild=config.rebuild)
        except REFUSALS as refusal:
            show_whole(context, work, name, evaluate, refusal)
            if following:
                following.show(context, work)
            # Trying again would end alike.
            raise dg.Failure(description=str(refusal), allow_retries=False) from refusal
        published = lake.publications.published_whole(name)
        metadata = slice_metadata(name, published, rebuilt) | _how(context, name, rebuilt)
        if hold := lake.holds.of(name).get(None):
            context.log.warning(hold.message)
            metadata["held"] = dg.MetadataValue.text(hold.message)
        if published:
            metadata["as_of_date"] = dg.MetadataValue.text(published.event_date.isoformat())
            metadata |= describe(work) if describe else {}
        return dg.MaterializeResult(asset_key=name, metadata=metadata)

    return dimension_table


def _spec(dimension: Dimension) -> dg.AssetSpec:
    """What Dagster needs to know of it."""
    left_to_others = dimension.shop
    if dimension.follows:  # built from the same partials, before this one
        left_to_others += dimension.partials
    return asset_spec(
        dimension.contract,
        kinds={"pyspark", "iceberg"},
        deps=[*dimension.partials, *dimension.shop, *dimension.follows],
        automation=rebuild_when_a_partial_changes(but_not=left_to_others),
    )


def _how(context: dg.AssetExecutionContext, name: str, rebuilt: Rebuilt | None) -> Metadata:
    """Whether dates were added to a table, and how many, or why all were counted."""
    if not rebuilt or not rebuilt.how:
        return {}
    context.log.info(f"{name}: {rebuilt.how}")
    return {
        "how": dg.MetadataValue.text(rebuilt.how),
        "dates_added": dg.MetadataValue.int(rebuilt.dates_added),
    }


def _rebuild(dimension: Dimension, work: Workplace, *, rebuild: bool) -> Rebuilt | None:
    """Rebuild a dimension if need be."""
    now = dt.datetime.now(tz=dt.UTC)
    stale = dimension.find_stale(work.lake, now, rebuild=rebuild)
    return dimension.rebuild(work, stale, whole=rebuild) if stale else None
