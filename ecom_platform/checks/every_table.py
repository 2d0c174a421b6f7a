"""The checks of all tables.

Belongs here: putting the layers' checks together. Not here: any check.
"""

import dagster as dg

from ecom_platform.checks.clean import build_clean_checks
from ecom_platform.checks.ledger import build_row_ledger_checks
from ecom_platform.checks.marts import build_mart_checks
from ecom_platform.checks.model import build_model_checks
from ecom_platform.checks.raw import build_raw_checks


def build_checks_of_every_table(
    dates: dg.PartitionsDefinition[str], closed_dates: dg.PartitionsDefinition[str]
) -> list[dg.AssetChecksDefinition]:
    """Make the checks of every table.

    Args:
        dates: the partitions of tables that are refreshed hourly, today included.
        closed_dates: those of tables that are built once a date has ended.
    """
    return [
        build_raw_checks(dates),
        build_clean_checks(dates),
        *build_model_checks(dates, closed_dates),
        build_row_ledger_checks(dates),
        *build_mart_checks(closed_dates),
    ]
