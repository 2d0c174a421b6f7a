"""Bad rows of marts: for every check of every mart, a change of good rows that makes it fail.

Belongs here: the faults of the layer. Not here: those of other layers (bad_rows.py).
"""

from __future__ import annotations

import datetime as dt

from ecom_platform_tests.checks.faults import Fault, each, first, rules, uncounted
from ecom_platform_tests.samples import DAY, Row

LATER = DAY + dt.timedelta(days=1)


def one_session_more(rows: list[Row]) -> list[Row]:
    """The row of all sessions counts one that nobody has seen."""
    total = {"traffic": "all", "unit": "session", "breakdown": "all"}
    return each(
        lambda row: {"unit_count": row["unit_count"] + 1}, lambda row: total.items() <= row.items()
    )(rows)


MARTS = [
    *rules(
        "multiday_session_events",
        "brand",
        {"product_id": 0},
        ({"session_start_date": LATER}, "starts_before_it_goes_on"),
    ),
    uncounted("multiday_session_events", session_days=60, multiday_session_events=59, difference=1),
    *(
        fault
        for table in ("funnel_days", "mart_funnel")
        for fault in (
            *rules(
                table,
                "breakdown_value",
                {"strict_purchase_count": -1},
                ({"strict_cart_count": 999}, "order_is_stricter"),
            ),
            Fault(table, "accepted_values", first(unit="visit"), {"unit_accepted": 1}),
        )
    ),
    Fault(
        "funnel_days",
        "row_count_reconciles",
        one_session_more,
        {"session_days": 30, "funnel_days": 31, "difference": -1},
    ),
    Fault(
        "mart_funnel",
        "row_count_reconciles",
        one_session_more,
        {"sessions": 10, "mart_funnel": 11, "difference": -1},
    ),
]
