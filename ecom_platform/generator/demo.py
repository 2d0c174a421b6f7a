"""The demo's month: small, and with every fault that the platform must survive.

Belongs here: one config. Not here: anything that generates.
"""

from __future__ import annotations

import datetime as dt

from ecom_platform.generator.config import FaultPlan, GeneratorConfig, LateRows, LostType
from ecom_platform.generator.files import late_stem, suffix


def demo_plan() -> GeneratorConfig:
    """April 2020 with about a million rows in one file, and three further files.

    Purchases are lost on the two dates on which the real store lost them. A twentieth of one
    date's rows comes late, that late file comes twice, and one more file is cut in its gzip.
    """
    late = LateRows(dt.date(2020, 4, 10), 0.05)
    return GeneratorConfig(
        start=dt.date(2020, 4, 1),
        end=dt.date(2020, 4, 30),
        rows=1_000_000,
        faults=FaultPlan(
            malformed_lines=75,
            lost=(
                LostType("purchase", dt.date(2020, 4, 20)),
                LostType("purchase", dt.date(2020, 4, 21)),
            ),
            late=(late,),
            repeated_files=(late_stem(late.event_date) + suffix("gz"),),
            truncated_dates=(dt.date(2020, 4, 15),),
        ),
    )
