"""Bad rows of marts: for every check of every mart, a change of good rows that makes it fail.

Belongs here: the faults of the layer. Not here: those of other layers (bad_rows.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace

from ecom_platform_tests.checks.faults import Fault, rules, uncounted
from ecom_platform_tests.checks.tampering import Change
from ecom_platform_tests.samples import DAY, Row

LATER = DAY + dt.timedelta(days=1)

Where = Callable[[Row], bool]


def having(**values: object) -> Where:
    """Rows with some values."""
    return lambda row: values.items() <= row.items()


def a_part(row: Row) -> bool:
    """Rows that are no total, and so do not take part in the mart's equation."""
    return row.get("breakdown", row.get("traffic")) != "all"


def in_one(where: Where, **values: object) -> Change:
    """Other values in the first row of some kind; numbers that are lists are added."""

    def change(rows: list[Row]) -> list[Row]:
        place = next(number for number, row in enumerate(rows) if where(row))
        row = rows[place]
        new = {n: row[n] + v[0] if isinstance(v, list) else v for n, v in values.items()}
        return [*rows[:place], {**row, **new}, *rows[place + 1 :]]

    return change


def repeat_one(where: Where) -> Change:
    """The first row of some kind in the place of the last."""

    def change(rows: list[Row]) -> list[Row]:
        places = [number for number, row in enumerate(rows) if where(row)]
        assert len(places) > 1
        copied = dict(rows[places[0]])
        return [copied if number == places[-1] else row for number, row in enumerate(rows)]

    return change


def of_mart(
    table: str,
    null: str,
    out_of_range: Row,
    row_rule: tuple[Row, str],
    *,
    not_accepted: Row | None = None,
    one_more: tuple[Where, tuple[str, ...]],
    numbers: dict[str, int],
) -> Iterator[Fault]:
    """Faults of the checks of a mart.

    Args:
        table: the mart.
        null: a column that is lost.
        out_of_range: a value that is too small.
        row_rule: values that do not agree, and the rule that they break.
        not_accepted: a value that there is not.
        one_more: a row in the mart's equation, and the columns that count one more.
        numbers: of the equation, then.
    """
    where = a_part if not_accepted else lambda _: True
    # First, so that the row which is repeated in the end is still its equal.
    if not_accepted:
        (column,) = not_accepted
        change = in_one(where, **not_accepted)
        yield Fault(table, "accepted_values", change, {f"{column}_accepted": 1})
    for fault in rules(table, null, out_of_range, row_rule):
        spoiled = {
            "required_columns_not_null": in_one(where, **{null: None}),
            "values_in_range": in_one(where, **out_of_range),
            "row_rules": in_one(where, **row_rule[0]),
            "primary_key_is_unique": repeat_one(where),
        }
        yield replace(fault, change=spoiled[fault.check])
    counted, columns = one_more
    change = in_one(counted, **{column: [1] for column in columns})
    yield Fault(table, "row_count_reconciles", change, {**numbers, "difference": -1})


ALL = having(traffic="all")
EVERYTHING = having(traffic="all", breakdown="all")
COLOUR, ROBOTS = {"breakdown": "colour"}, {"traffic": "robots"}

# Of thirty visitors on the last date ten began their session on it.
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
        for table, source, count in (
            ("funnel_days", "session_days", 30),
            ("mart_funnel", "sessions", 10),
        )
        for fault in of_mart(
            table,
            "breakdown_value",
            {"strict_purchase_count": -1},
            ({"strict_cart_count": 999}, "order_is_stricter"),
            not_accepted={"unit": "visit"},
            one_more=(having(traffic="all", breakdown="all", unit="session"), ("unit_count",)),
            numbers={source: count, table: count + 1},
        )
    ),
    *of_mart(
        "session_length_days",
        "breakdown_value",
        {"duration_seconds": -1},
        ({"bounce_count": 999}, "bounces_are_sessions"),
        not_accepted={"cut": "visit"},
        one_more=(having(traffic="all", breakdown="all", cut="given"), ("session_count",)),
        numbers={"session_days": 30, "session_length_days": 31},
    ),
    *of_mart(
        "mart_sessions",
        "breakdown_value",
        {"mean_seconds": -1.0},
        ({"median_seconds": 1_000_000}, "median_is_not_above_p95"),
        not_accepted={"cut": "visit"},
        one_more=(having(traffic="all", breakdown="all", cut="given"), ("session_count",)),
        numbers={"sessions": 10, "mart_sessions": 11},
    ),
    *of_mart(
        "mart_carts",
        "breakdown_value",
        {"abandonment_rate": -0.5},
        ({"purchased_count": 999}, "every_carted_product_has_one_fate"),
        not_accepted=COLOUR,
        one_more=(EVERYTHING, ("carted_count", "purchased_count")),
        numbers={"carted products": 10, "mart_carts": 11},
    ),
    *of_mart(
        "mart_sales",
        "breakdown_value",
        {"revenue_rank": 0},
        ({"order_count": 999}, "orders_have_units"),
        not_accepted=COLOUR,
        one_more=(having(breakdown="all"), ("unit_count",)),
        numbers={"purchases": 30, "mart_sales": 31},
    ),
    *of_mart(
        "mart_products",
        "brand",
        {"product_id": 0},
        ({"conversion_rate": 0.0}, "the_rate_lies_in_its_interval"),
        not_accepted=ROBOTS,
        one_more=(ALL, ("view_count",)),
        numbers={"views and purchases": 60, "mart_products": 61},
    ),
    *of_mart(
        "mart_prices",
        "breakdown_value",
        {"price_index": -1.0},
        ({"matched_product_count": 999}, "has_a_product"),
        not_accepted=COLOUR,
        one_more=(EVERYTHING, ("product_count",)),
        numbers={"mart_products": 30, "mart_prices": 31},
    ),
    *of_mart(
        "mart_activity",
        "iso_week",
        {"day_of_week": 0},
        ({"event_count": 0}, "either_date_has_an_event"),
        not_accepted=ROBOTS,
        one_more=(ALL, ("event_count",)),
        numbers={"fact_user_events": 90, "mart_activity": 91},
    ),
    *of_mart(
        "mart_users",
        "is_returning",
        {"user_id": 0},
        ({"order_count": 999}, "orders_have_purchases"),
        one_more=(lambda _: True, ("event_count",)),
        numbers={"fact_user_events": 450, "mart_users": 451},
    ),
    *of_mart(
        "mart_daily_users",
        "buyer_count",
        {"new_buyer_count": -1},
        ({"user_count": 999}, "users_are_new_or_returning"),
        not_accepted=ROBOTS,
        one_more=(ALL, ("user_count", "new_user_count")),
        numbers={"users": 30, "mart_daily_users": 31},
    ),
    *of_mart(
        "mart_cohorts",
        "revenue_usd",
        {"buyer_count": -1},
        ({"cohort_user_count": 1}, "active_users_are_of_the_cohort"),
        not_accepted=ROBOTS,
        one_more=(
            having(traffic="all", week_number=0),
            ("cohort_user_count", "active_user_count"),
        ),
        numbers={"users": 30, "mart_cohorts": 31},
    ),
]
