"""The assets of the marts layer.

Belongs here: marts as Dagster knows them, and what they show there. Not here: row logic.
"""

from collections.abc import Mapping

import dagster as dg

from ecom_platform.assets.check_reports import Evaluate
from ecom_platform.assets.dated_tables import build_dated_asset
from ecom_platform.assets.marts.dashboard import build_bi_dashboard
from ecom_platform.assets.marts.multiday import build_multiday_asset
from ecom_platform.assets.marts.profile import build_profile_assets
from ecom_platform.assets.model.dimensions import build_whole_asset
from ecom_platform.assets.refusals import EvaluateWhole, Following
from ecom_platform.pipeline.inputs import DATED_TABLES, MULTIDAY, built_from, following, sources_of
from ecom_platform.pipeline.marts import MART_STEPS, MART_WHOLE_STEPS

__all__ = ["build_bi_dashboard", "build_mart_assets", "build_profile_assets"]


def build_mart_assets(
    partitions: dg.PartitionsDefinition[str],
    evaluators: Mapping[str, Evaluate],
    evaluate_whole: Mapping[str, EvaluateWhole],
) -> list[dg.AssetsDefinition]:
    """Make the assets of the marts, and of what they are added up from.

    Args:
        partitions: the dates that have ended; today is none of them.
        evaluators: for every table by date, what judges a stored date, for runs that refuse one.
        evaluate_whole: for every table without dates, what judges it as it is stored.
    """
    followed = {name: step.follows for name, step in MART_WHOLE_STEPS.items()}

    def after(name: str) -> Following:
        dated = built_from(name) if name in DATED_TABLES else ()
        return Following(
            {each: evaluators[each] for each in dated},
            {each: evaluate_whole[each] for each in following(name, followed)},
        )

    return [
        build_multiday_asset(partitions, evaluators[MULTIDAY], after(MULTIDAY)),
        *(
            build_dated_asset(
                mart.contract,
                mart.rebuild_dates,
                sources_of(name),
                partitions,
                evaluators[name],
                following=after(name),
            )
            for name, mart in MART_STEPS.items()
        ),
        *(
            build_whole_asset(step, evaluate_whole[name], following=after(name))
            for name, step in MART_WHOLE_STEPS.items()
        ),
    ]
