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
from ecom_platform.contracts.oltp import CHANGE_LEDGER, CURRENT_OLTP, RAW_OLTP
from ecom_platform.contracts.raw import RAW_EVENTS, REJECTED_EVENTS
from ecom_platform.contracts.row_ledger import ROW_LEDGER

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

SHOP_CHANGES_JOB = dg.define_asset_job(
    "shop_changes_job",
    selection=[contract.name for contract in (*RAW_OLTP.values(), *CURRENT_OLTP.values())]
    + [CHANGE_LEDGER.name],
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
    LAKE_MAINTENANCE_DAILY_JOB,
)
