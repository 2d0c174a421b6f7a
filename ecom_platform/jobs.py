"""Jobs: what runs together.

Belongs here: selections of assets under a name. Not here: when they run.
"""

from __future__ import annotations

import dagster as dg

from ecom_platform.assets.maintenance import LAKE_MAINTENANCE
from ecom_platform.assets.marts.dashboard import BI_DASHBOARD
from ecom_platform.contracts.clean import CLEAN_EVENTS
from ecom_platform.contracts.marts import MART_PARTIALS, MARTS, PROFILES
from ecom_platform.contracts.model import DIMENSIONS, FACT_USER_EVENTS, PARTIALS
from ecom_platform.contracts.oltp import CURRENT_OLTP, SHOP_STEP_TABLES
from ecom_platform.contracts.raw import RAW_EVENTS, REJECTED_EVENTS
from ecom_platform.contracts.row_ledger import ROW_LEDGER
from ecom_platform.pipeline.shop.points import AGREES

EVENTS_HOURLY_JOB = dg.define_asset_job(
    "events_hourly_job",
    selection=[
        RAW_EVENTS.name,
        CLEAN_EVENTS.name,
        REJECTED_EVENTS.name,
        FACT_USER_EVENTS.name,
        ROW_LEDGER.name,
    ],
    description="From landing to the fact, and every line accounted for: ingests what is pending, "
    "rebuilds what is stale.",
)

DIMENSIONS_DAILY_JOB = dg.define_asset_job(
    "dimensions_daily_job",
    selection=[contract.name for contract in (*PARTIALS, *DIMENSIONS)],
    description="What a closed date adds to the dimensions, then the dimensions as a whole.",
)

PROFILE_DAILY_JOB = dg.define_asset_job(
    "profile_daily_job",
    selection=[contract.name for contract in PROFILES],
    description="The profile of a closed date, then that of all of them together.",
)

MARTS_DAILY_JOB = dg.define_asset_job(
    "marts_daily_job",
    selection=[*(contract.name for contract in (*MART_PARTIALS, *MARTS)), BI_DASHBOARD],
    description="The marts of a closed date, and of dates whose sessions went on; then the page.",
)

_AGREEMENT_CHECKS = [
    dg.AssetCheckKey(dg.AssetKey(contract.name), AGREES) for contract in CURRENT_OLTP.values()
]

SHOP_AGREEMENT_DAILY_JOB = dg.define_asset_job(
    "shop_agreement_daily_job",
    selection=dg.AssetSelection.checks(*_AGREEMENT_CHECKS),
    description="Compares the shop's tables with its database, if a setting says where it is.",
)

SHOP_CHANGES_JOB = dg.define_asset_job(
    "shop_changes_job",
    # Comparing every row with the database is for once a day.
    selection=dg.AssetSelection.assets(*SHOP_STEP_TABLES)
    - dg.AssetSelection.checks(*_AGREEMENT_CHECKS),
    description="The shop's tables: ingests what DMS delivered, folds what changed.",
)

LAKE_MAINTENANCE_DAILY_JOB = dg.define_asset_job(
    "lake_maintenance_daily_job",
    selection=[LAKE_MAINTENANCE],
    description="Compacts closed dates, forgets old versions, deletes what no table mentions.",
)

JOBS = (
    EVENTS_HOURLY_JOB,
    DIMENSIONS_DAILY_JOB,
    PROFILE_DAILY_JOB,
    MARTS_DAILY_JOB,
    SHOP_CHANGES_JOB,
    SHOP_AGREEMENT_DAILY_JOB,
    LAKE_MAINTENANCE_DAILY_JOB,
)
