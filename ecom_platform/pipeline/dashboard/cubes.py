"""Cubes: numbers by day that the page can filter, each exact in the grain in which it is published.

Belongs here: what each cube holds. Not here: reading it, numbers that no filter applies to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ecom_platform.contracts.marts.profile import ALL
from ecom_platform.contracts.row_ledger import MALFORMED_COLUMNS, REJECTED_COLUMNS

_PRODUCTS = ("category_level_1", "category", "brand")
_SESSIONS = ("device_type", "source_channel")


@dataclass(frozen=True)
class Cube:
    """Numbers of one table by day.

    Attributes:
        table: the table.
        additive: what adds up over days, as SQL over a row, by name.
        exact: what is exact for its day, and never to be added up, as SQL by name.
        breakdowns: what the table divides events by, of what the page can choose.
        has_breakdowns: whether its rows name a breakdown at all.
        has_traffic: whether its rows are there with and without crawler-like sessions.
        is_alike: whether those cannot differ, so that leaving crawlers out changes nothing.
        part: SQL of a text whose values are series of their own.
        where: SQL that chooses the rows.
    """

    table: str
    additive: Mapping[str, str] = field(default_factory=dict)
    exact: Mapping[str, str] = field(default_factory=dict)
    breakdowns: tuple[str, ...] = ()
    has_breakdowns: bool = True
    has_traffic: bool = True
    is_alike: bool = False
    part: str = "''"
    where: str = "true"

    @property
    def measures(self) -> tuple[str, ...]:
        """The names of its numbers, in their order."""
        return (*self.additive, *self.exact)


def _columns(*names: str) -> dict[str, str]:
    return {name: name for name in names}


def _counted(statistic: str, otherwise: str = "0") -> str:
    """A count of the profile, which has a row for each."""
    return f"CASE WHEN statistic = '{statistic}' THEN counted ELSE {otherwise} END"


# Of the prices of a day, what the page draws.
PRICES = ("mean", "p25", "p50", "p75")
_STEPS = _columns(
    "unit_count",
    "viewed_count",
    "carted_count",
    "purchased_count",
    "loose_cart_count",
    "loose_purchase_count",
    "strict_cart_count",
    "strict_purchase_count",
)
_CARTED = _columns(
    "carted_count",
    "purchased_count",
    "removed_count",
    "abandoned_count",
    "carted_usd",
    "abandoned_usd",
)

CUBES: Mapping[str, Cube] = {
    "funnel": Cube("mart_funnel", _STEPS, breakdowns=(*_PRODUCTS, *_SESSIONS), part="unit"),
    "sales": Cube(
        "mart_sales",
        _columns("revenue_usd", "unit_count", "order_count"),
        _columns("buyer_count", "revenue_rank", "rank_change"),
        breakdowns=(*_PRODUCTS, *_SESSIONS),
        has_traffic=False,
        is_alike=True,
    ),
    "sessions": Cube(
        "mart_sessions",
        _columns("session_count", "event_count", "bounce_count", "duration_seconds"),
        _columns("median_seconds", "p95_seconds"),
        breakdowns=_SESSIONS,
        part="cut",
    ),
    "activity": Cube(
        "mart_activity",
        {
            str(hour): f"CASE WHEN hour_of_day = {hour} THEN event_count ELSE 0 END"
            for hour in range(24)
        },
        has_breakdowns=False,
        part="event_type",
    ),
    "prices": Cube(
        "mart_prices",
        exact=_columns(
            "product_count",
            "mean_usd",
            "p25_usd",
            "median_usd",
            "p75_usd",
            "spread_usd",
            "price_index",
            "price_change",
        ),
        breakdowns=_PRODUCTS,
    ),
    "carts": Cube("mart_carts", _CARTED, breakdowns=("category_level_1", "category")),
    "cart_hours": Cube(
        "mart_carts",
        _CARTED,
        has_breakdowns=False,
        # Two digits in the mart, so that they sort; a number on the page.
        part="CAST(breakdown_value AS INTEGER)",
        where="breakdown = 'hour_of_day'",
    ),
    "daily_users": Cube(
        "mart_daily_users",
        _columns("new_user_count", "new_buyer_count"),
        _columns("user_count", "returning_user_count", "buyer_count"),
        has_breakdowns=False,
    ),
    "ledger": Cube(
        "row_ledger",
        _columns(
            "fact_count", "duplicate_count", "rejected_count", "malformed_count", "pending_count"
        ),
        has_breakdowns=False,
        has_traffic=False,
    ),
    "reasons": Cube(
        "row_ledger",
        _columns(*MALFORMED_COLUMNS, *REJECTED_COLUMNS),
        has_breakdowns=False,
        has_traffic=False,
    ),
    "profile": Cube(
        "eda_profile",
        {name: _counted(name) for name in ("row_count", "duplicate_count", "null_count")},
        {
            "distinct_count": _counted("distinct_count", otherwise="NULL"),
            **{name: f"CASE WHEN statistic = '{name}' THEN amount_usd END" for name in PRICES},
        },
        has_breakdowns=False,
        has_traffic=False,
        part="column_name",
        where=f"scope = '{ALL}'",
    ),
    "lateness": Cube(
        "landing_lateness",
        {"late_row_count": "CASE WHEN is_late THEN row_count ELSE 0 END"},
        has_breakdowns=False,
        has_traffic=False,
    ),
}
