"""The assets of the partials: what each closed date adds to the dimensions.

Belongs here: the partials as Dagster knows them. Not here: what a partial is built from, row logic.
"""

from collections.abc import Mapping

import dagster as dg

from ecom_platform.assets.check_reports import Evaluate
from ecom_platform.assets.dated_tables import build_dated_asset
from ecom_platform.assets.refusals import EvaluateWhole, Following
from ecom_platform.pipeline.model import DIMENSION_STEPS, PARTIAL_STEPS


def build_partial_assets(
    partitions: dg.PartitionsDefinition[str],
    evaluators: Mapping[str, Evaluate],
    evaluate_dimensions: Mapping[str, EvaluateWhole],
) -> list[dg.AssetsDefinition]:
    """Make one asset a partial.

    Args:
        partitions: the dates that have ended; today is none of them.
        evaluators: for every partial, what judges a stored date, for runs that refuse a date.
        evaluate_dimensions: what judges the dimensions, which are not built then.
    """
    return [
        build_dated_asset(
            partial.contract,
            partial.rebuild_dates,
            [partial.source_name],
            partitions,
            evaluators[name],
            following=_following(name, evaluate_dimensions),
        )
        for name, partial in PARTIAL_STEPS.items()
    ]


def _following(partial_name: str, evaluate: Mapping[str, EvaluateWhole]) -> Following:
    built_from_it = [n for n, step in DIMENSION_STEPS.items() if partial_name in step.partials]
    return Following(whole={name: evaluate[name] for name in built_from_it})
