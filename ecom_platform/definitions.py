"""Definitions: assembly, with every part replaceable by whoever builds them.

Belongs here: plugging things together. Not here: anything that decides or computes.
"""

from __future__ import annotations

import warnings

import dagster as dg

# Range runs over partitioned assets rest on features that Dagster marks as beta; the reason to
# use them all the same is in docs/decisions/. One line an asset on every command helps nobody.
warnings.filterwarnings("ignore", category=dg.BetaWarning)
warnings.filterwarnings("ignore", category=dg.PreviewWarning)

from ecom_platform.assets import marts as mart_assets  # noqa: E402
from ecom_platform.assets.clean import build_clean_events  # noqa: E402
from ecom_platform.assets.ledger import build_row_ledger  # noqa: E402
from ecom_platform.assets.maintenance import build_lake_maintenance  # noqa: E402
from ecom_platform.assets.model import build_model_assets  # noqa: E402
from ecom_platform.assets.raw import build_raw_events  # noqa: E402
from ecom_platform.assets.shop import build_shop_tables  # noqa: E402
from ecom_platform.checks import ledger, marts, model, shop  # noqa: E402
from ecom_platform.checks.clean import build_clean_checks, evaluate_clean_events  # noqa: E402
from ecom_platform.checks.raw import build_raw_checks  # noqa: E402
from ecom_platform.contracts.row_ledger import ROW_LEDGER  # noqa: E402
from ecom_platform.jobs import JOBS  # noqa: E402
from ecom_platform.oltp.reader import shop_opener  # noqa: E402
from ecom_platform.partitions import closed_dates, event_dates  # noqa: E402
from ecom_platform.pipeline.progress import Reporter  # noqa: E402
from ecom_platform.resources.assembly import build_resources  # noqa: E402
from ecom_platform.schedules import SCHEDULES  # noqa: E402
from ecom_platform.sensors import SENSORS  # noqa: E402
from ecom_platform.settings import Settings, load_settings  # noqa: E402


def build_defs(settings: Settings, reporter: Reporter | None = None) -> dg.Definitions:
    """Put the platform together.

    Args:
        settings: where the lake is, which engine computes.
        reporter: receives progress; by default it goes to the run's log.
    """
    partitions = event_dates(settings.start_date)
    closed = closed_dates(settings.start_date)
    evaluators = model.model_evaluators() | {ROW_LEDGER.name: ledger.evaluate_row_ledger}
    whole = model.dimension_evaluators()
    checks = [
        build_raw_checks(partitions),
        build_clean_checks(partitions),
        *model.build_model_checks(partitions, closed),
        ledger.build_row_ledger_checks(partitions),
        *marts.build_mart_checks(closed),
    ]
    return dg.Definitions(
        assets=[
            build_raw_events(partitions),
            build_clean_events(partitions, evaluate_clean_events, evaluators),
            *build_model_assets(partitions, closed, evaluators, whole),
            build_row_ledger(partitions, ledger.evaluate_row_ledger),
            *mart_assets.build_profile_assets(closed, *marts.profile_judges()),
            *mart_assets.build_mart_assets(closed, *marts.mart_judges()),
            build_shop_tables(),
            mart_assets.build_bi_dashboard(marts.incomplete_dates, checks),
            build_lake_maintenance(),
        ],
        asset_checks=[*checks, *shop.build_shop_checks(shop_opener(settings))],
        jobs=JOBS,
        schedules=SCHEDULES,
        sensors=SENSORS,
        resources=build_resources(settings, reporter),
        # A step costs milliseconds in this process; its own process would start a new engine.
        executor=dg.in_process_executor,
    )


defs = build_defs(load_settings())
