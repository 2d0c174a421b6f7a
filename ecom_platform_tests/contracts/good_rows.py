"""A good value for every column of any table, and what breaks each rule over several columns.

Belongs here: values alone. A new table adds its columns to GOOD and its row rules to BAD.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from ecom_platform.contracts.row_ledger import COUNT_COLUMNS
from ecom_platform_tests.contracts.good_mart_rows import BAD_MARTS, GOOD_MARTS
from ecom_platform_tests.samples import DAY, RAW_ROW, Row

_NOON = RAW_ROW["event_time"]
_LATER = RAW_ROW["ingested_at"]
_SECOND = dt.timedelta(seconds=1)
_DAY_BEFORE = DAY - dt.timedelta(days=1)

GOOD: Row = {
    **RAW_ROW,
    "event_id": -1,
    # rejected_events
    "layer": "raw",
    "reason": "bad_price",
    "detail": None,
    "line": "a,b",
    "rejected_at": _LATER,
    # fact_user_events
    "session_id": "s",
    "category_name": "unknown",
    "device_type": "unknown",
    "source_channel": "unknown",
    "day_of_week": 3,
    "hour_of_day": 12,
    # partials and dimensions: one view by one user
    "first_event_at": _NOON,
    "last_event_at": _NOON,
    "first_seen_at": _NOON,
    "last_seen_at": _NOON,
    "valid_from": _NOON,
    "valid_to": None,
    "as_of_date": DAY,
    "event_count": 1,
    "view_count": 1,
    "cart_count": 0,
    "remove_from_cart_count": 0,
    "purchase_count": 0,
    "buyer_count": 0,
    "revenue_usd": Decimal("0.00"),
    "lowest_price": RAW_ROW["price"],
    "highest_price": RAW_ROW["price"],
    "conversion_rate": 0.0,
    "active_days": 1,
    "session_count": 1,
    "favourite_category": "unknown",
    "favourite_brand": "unknown",
    "category_level_1": "electronics",
    "category_level_2": "smartphone",
    "category_level_3": None,
    "category_level_4": None,
    # the profile: one null
    "scope": "all",
    "column_name": "brand",
    "value": None,
    "statistic": "null_count",
    "rank": 0,
    "item": None,
    "counted": 1,
    "amount_usd": None,
    # marts: one session that viewed
    "traffic": "all",
    "unit": "session",
    "breakdown": "all",
    "breakdown_value": "all",
    "unit_count": 1,
    "viewed_count": 1,
    "carted_count": 0,
    "purchased_count": 0,
    "loose_cart_count": 0,
    "loose_purchase_count": 0,
    "strict_cart_count": 0,
    "strict_purchase_count": 0,
    "loose_view_to_cart_rate": 0.0,
    "loose_cart_to_purchase_rate": None,
    "loose_view_to_purchase_rate": 0.0,
    "strict_view_to_cart_rate": 0.0,
    "strict_cart_to_purchase_rate": None,
    "strict_view_to_purchase_rate": 0.0,
    # the shop's tables, and their changes
    "op": "I",
    "committed_at": _LATER,
    "change_seq": None,
    "additional": None,
    "is_full_load": True,
    "written_at": _LATER,
    "brand_id": 1,
    "brand_name": "acme",
    "parent_id": None,
    "name": "n",
    "stock": 0,
    "catalogue_price": None,
    "email": "e",
    "created_at": _NOON,
    "channel": "direct",
    "started_at": _NOON,
    # dms_objects, change_ledger, awaited_rows
    "shop_table": "users",
    "begins_load": True,
    "is_told": True,
    "additional_columns": None,
    "applied_count": 0,
    "superseded_count": 0,
    "deleted_count": 0,
    "counted_under": "all",
    "key_digest": "0123456789abcdef",
    "checksum": None,
    "point": "0/16B3748",
    "point_at": _LATER,
    "awaited_from": _LATER,
    # landing_objects
    "status": "ingested",
    "size_bytes": 0,
    "modified_at": _LATER,
    "line_count": 0,
    "raw_count": 0,
    "malformed_count": 0,
    "run_id": "run-1",
    "recorded_at": _LATER,
    # landing_lateness
    "is_late": False,
    "delay_min_seconds": 1,
    "delay_median_seconds": 2,
    "delay_p95_seconds": 3,
    "delay_max_seconds": 3,
    # row_ledger: a place without lines
    **dict.fromkeys(COUNT_COLUMNS, 0),
    "object_status": "current",
    "event_hour": 12,
    "counted_at": _LATER,
    # publications
    "table_name": "clean_events",
    "hour": 23,
    "fingerprint": "f",
    "hour_fingerprints": "{}",
    "row_count": 0,
    "byte_count": 0,
    "measures": "{}",
    "snapshot_id": 1,
    "sequence_number": 0,
    "published_at": _LATER,
    # holds
    "replaced_snapshot_id": 2,
    "held_by": "ann",
    "held_at": _LATER,
    "released_at": None,
}

# Where a table asks for another value under the same name.
GOOD_IN: dict[str, Row] = {
    **GOOD_MARTS,
    "product_buyer_days": {"purchase_count": 1},
    "landing_lateness": {"row_count": 1},
    "value_days": {"row_count": 1},
}

BAD: dict[str, Row] = {
    **BAD_MARTS,
    "event_date_is_the_date_of_event_time": {"event_date": _DAY_BEFORE},
    "hour_of_day_is_the_hour_of_event_time": {"hour_of_day": 11},
    "events_are_of_the_date": {"event_date": _DAY_BEFORE},
    "first_is_not_after_last": {
        "first_event_at": _NOON + _SECOND,
        "first_seen_at": _NOON + _SECOND,
    },
    "delays_are_in_order": {"delay_p95_seconds": 4},
    "revenue_comes_from_purchases": {"revenue_usd": Decimal("1.00")},
    "has_an_event": {"view_count": 0},
    "lowest_is_not_above_highest": {"lowest_price": RAW_ROW["price"] + 1},
    "valid_from_is_of_the_date": {"event_date": _DAY_BEFORE},
    "last_is_not_after_as_of": {"as_of_date": _DAY_BEFORE},
    "sessions_and_days_have_events": {"active_days": 2},
    "price_is_in_its_range": {"price": RAW_ROW["price"] + 1},
    "buyers_have_purchases": {"buyer_count": 1},
    "purchases_have_buyers": {"purchase_count": 1},
    "conversion_needs_views": {"conversion_rate": None},
    "period_is_not_empty": {"valid_to": _NOON},
    "has_one_number": {"counted": None},
    "starts_before_as_of_ends": {"as_of_date": _DAY_BEFORE},
    "every_line_has_a_fate": {"line_count": 1},
    "every_raw_row_has_a_fate": {"line_count": 1, "raw_count": 1},
    "no_raw_row_is_lost": {"line_count": 1, "raw_count": 1, "lost_count": 1},
    "clean_rows_are_in_the_fact": {"line_count": 1, "raw_count": 1, "clean_count": 1},
    "malformed_lines_have_a_reason": {"line_count": 1, "malformed_count": 1},
    "rejected_rows_have_a_reason": {"line_count": 1, "raw_count": 1, "rejected_count": 1},
    "later_steps_have_earlier_ones": {"viewed_count": 2},
    "order_is_stricter": {"strict_cart_count": 1},
    "has_a_unit": {"unit_count": 0},
    "every_change_has_a_fate": {"applied_count": 1},
}
