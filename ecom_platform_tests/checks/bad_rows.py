"""Bad rows: for every check of every table, a change of good rows that makes it fail.

Belongs here: the faults of every table. Not here: what a fault is (faults.py), storing one.
"""

from __future__ import annotations

from decimal import Decimal

from ecom_platform_tests.checks.bad_dated_mart_rows import MARTS
from ecom_platform_tests.checks.bad_mart_rows import PROFILES
from ecom_platform_tests.checks.faults import (
    Fault,
    at_minute,
    each,
    first,
    is_a,
    lose_a_row,
    repeat_a_row,
    rules,
    uncounted,
)
from ecom_platform_tests.checks.tampering import Change
from ecom_platform_tests.samples import DAY, Row, utc

STRANGER, LONG_AGO = 999_999, utc("2020-01-01 00:00")

FREE = {"price": Decimal("0.00")}
NIGHT_BEFORE = ({"event_time": utc("2020-03-31 12:00")}, "event_date_is_the_date_of_event_time")
WISH = first(event_type="wish")
ENDS_AT_MIDNIGHT = ({"last_event_at": utc(f"{DAY} 00:00")}, "first_is_not_after_last")
RECONCILES = frozenset({"row_count_reconciles"})

RAW = [
    *rules("raw_events", "user_id", {"product_id": 0}, None),
    Fault(
        "raw_events",
        "objects_reconcile",
        lose_a_row,
        {"objects": 1, "objects_at_fault": 1, "row_count": 89, "rows_published": 90},
    ),
]

CLEAN = [
    *rules("clean_events", "brand", FREE, NIGHT_BEFORE),
    Fault("clean_events", "accepted_values", WISH, {"event_type_accepted": 1}),
    Fault(
        "clean_events",
        "row_count_reconciles",
        lose_a_row,
        {"raw_events": 90, "clean_events": 89, "duplicates": 0, "difference": 1},
    ),
]

FACT = [
    *rules("fact_user_events", "category_name", FREE, NIGHT_BEFORE),
    Fault("fact_user_events", "accepted_values", WISH, {"event_type_accepted": 1}),
    Fault(
        "fact_user_events",
        "row_count_reconciles",
        lose_a_row,
        {"clean_events": 90, "fact_user_events": 89, "difference": 1},
    ),
]

WARNINGS = [
    Fault(
        "clean_events",
        "unknown_share_by_category",
        each(lambda _: {"brand": "unknown"}, lambda row: row["user_id"] <= 3),
        {"categories": 1, "unknown_brand_share": 0.1, "unknown_brand_categories_over": 1},
    ),
    Fault(
        "fact_user_events",
        "minimum_rows",
        lambda rows: [row for row in rows if not 18 <= row["hour_of_day"] <= 22],
        {"row_count": 75, "minimum": 80, "judged": 1},
        also=RECONCILES,
    ),
    Fault(
        "fact_user_events",
        "newest_closed_hour_is_present",
        each(
            lambda row: {"event_time": row["event_time"].replace(hour=22), "hour_of_day": 22},
            lambda row: row["hour_of_day"] == 23,
        ),
        {"newest_closed_hour": 23, "newest_hour_with_events": 22},
    ),
    Fault(
        "fact_user_events",
        "no_event_type_is_lost",
        each(
            lambda _: {"event_type": "view"},
            lambda row: row["event_type"] == "purchase" and row["user_id"] > 2,
        ),
        {"event_type_purchase": 2, "days_of_history": 4, "judged": 1},
    ),
    Fault(
        "fact_user_events",
        "one_user_per_session",
        each(lambda _: {"session_id": "session-2"}, lambda row: row["user_id"] == 1),
        {"count": 1, "of": 29},
    ),
    Fault(
        "fact_user_events",
        "cart_before_purchase",
        each(at_minute(30), is_a("cart")),
        {"count": 30, "of": 30, "share": 1.0},
    ),
    Fault(
        "fact_user_events",
        "view_before_cart",
        each(at_minute(50), is_a("view")),
        {"count": 30, "of": 30, "share": 1.0},
    ),
    Fault(
        "fact_user_events",
        "no_orphan_users",
        each(lambda _: {"user_id": STRANGER}, lambda row: row["user_id"] == 1),
        {"keys": 30, "orphans": 1},
    ),
    Fault(
        "fact_user_events",
        "no_orphan_products",
        each(lambda _: {"product_id": STRANGER}, lambda row: row["product_id"] == 1),
        {"keys": 15, "orphans": 1},
    ),
]


NO_USER, NO_PRODUCT, NO_CATEGORY = {"user_id": 0}, {"product_id": 0}, {"category_id": 0}

PARTIALS = [
    *rules("session_days", "revenue_usd", NO_USER, ENDS_AT_MIDNIGHT),
    uncounted("session_days", fact_user_events=90, session_days=87, difference=3),
    *rules("user_taste_days", "brand", NO_USER, None),
    uncounted("user_taste_days", fact_user_events=90, user_taste_days=87, difference=3),
    *rules("product_days", "lowest_price", NO_PRODUCT, ENDS_AT_MIDNIGHT),
    uncounted("product_days", fact_user_events=90, product_days=84, difference=6),
    *rules("product_buyer_days", "user_id", NO_PRODUCT, None),
    uncounted("product_buyer_days", fact_user_events=30, product_buyer_days=29, difference=1),
    *rules(
        "product_version_days",
        "brand",
        NO_CATEGORY,
        ({"valid_from": utc("2020-03-31 12:00")}, "valid_from_is_of_the_date"),
        also_not_unique=RECONCILES,
    ),
    uncounted("product_version_days", clean_events=15, product_version_days=14, difference=1),
]


def leave_a_gap(rows: list[Row]) -> list[Row]:
    """A version that ended long before the first began."""
    long_ago = {"valid_from": LONG_AGO, "valid_to": LONG_AGO.replace(hour=1)}
    return [*rows, {**rows[1], **long_ago, "price": Decimal("1.00")}]


DIMENSIONS = [
    *rules(
        "dim_users",
        "favourite_brand",
        NO_USER,
        ({"last_seen_at": LONG_AGO}, "first_is_not_after_last"),
    ),
    uncounted("dim_users", fact_user_events=450, counted_events=435, difference=15),
    *rules(
        "dim_products",
        "brand",
        NO_PRODUCT,
        ({"lowest_price": Decimal("999.00")}, "price_is_in_its_range"),
    ),
    uncounted("dim_products", fact_user_events=450, counted_events=420, difference=30),
    *rules(
        "dim_product_versions",
        "brand",
        NO_CATEGORY,
        ({"as_of_date": LONG_AGO.date()}, "starts_before_as_of_ends"),
        also_not_unique=frozenset({"row_count_reconciles", "versions_follow_each_other"}),
    ),
    uncounted("dim_product_versions", products=15, current_versions=14, difference=1),
    Fault("dim_product_versions", "versions_follow_each_other", leave_a_gap, {"gap_count": 1}),
]

AGREES = frozenset({"ledger_agrees_with_tables"})

# Whatever the ledger says differently is no more what the tables say.
LEDGER = [
    Fault("row_ledger", "required_columns_not_null", first(run_id=None), {"run_id_not_null": 1}),
    Fault(
        "row_ledger",
        "accepted_values",
        first(object_status="missing"),
        {"object_status_accepted": 1},
    ),
    Fault("row_ledger", "values_in_range", first(event_hour=-1), {"event_hour_minimum": 1}, AGREES),
    Fault("row_ledger", "row_rules", first(line_count=99), {"every_line_has_a_fate": 1}, AGREES),
    Fault("row_ledger", "primary_key_is_unique", repeat_a_row, {"repeated_keys": 1}, AGREES),
    Fault("row_ledger", "ledger_agrees_with_tables", lose_a_row, {"rows": 23, "differing": 1}),
    Fault(
        "row_ledger",
        "lines_reconcile",
        lambda rows: [*rows, rows[0]],
        {"objects": 1, "objects_at_fault": 1, "lines": 90, "lines_at_fault": 1},
        also=frozenset({"raw_rows_reconcile"}) | AGREES,
        spoils="raw_events",
    ),
    Fault(
        "row_ledger",
        "raw_rows_reconcile",
        lose_a_row,
        {"raw_count": 90, "clean_count": 89, "lost_count": 1},
        also=frozenset({"clean_rows_reconcile"}) | AGREES,
        spoils="clean_events",
    ),
    Fault(
        "row_ledger",
        "clean_rows_reconcile",
        lose_a_row,
        {"clean_count": 90, "events_missing": 1, "events_too_many": 0},
        spoils="fact_user_events",
    ),
]

ALL = [*RAW, *WARNINGS, *CLEAN, *FACT, *PARTIALS, *DIMENSIONS, *LEDGER, *PROFILES, *MARTS]


def everything_of(table: str) -> Change:
    """All faults of a table at once.

    Faults of the first row come last in ALL: none of the others takes it away again.
    """

    def change(rows: list[Row]) -> list[Row]:
        for fault in ALL:
            if fault.table == table and not fault.spoils:
                rows = fault.change(rows)
        return rows

    return change
