"""A good row of every mart, and what breaks each of their rules over several columns.

Belongs here: values alone. Those of other tables, and columns that all share, are in good_rows.py.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from ecom_platform_tests.samples import DAY, Row

_ONE, _NOTHING = Decimal("1.00"), Decimal("0.00")
_EVERYTHING: Row = {
    "event_date": DAY,
    "traffic": "all",
    "breakdown": "all",
    "breakdown_value": "all",
}
# One session of one event.
_SESSION: Row = {
    **_EVERYTHING,
    "cut": "given",
    "session_count": 1,
    "event_count": 1,
    "bounce_count": 1,
    "duration_seconds": 0,
}

GOOD_MARTS: dict[str, Row] = {
    "multiday_session_events": {"session_start_date": DAY, "is_crawler_like": False},
    "session_days": {"is_crawler_like": False, "content_digest": 1},
    "session_length_days": _SESSION,
    "mart_sessions": {
        **_SESSION,
        "mean_seconds": 0.0,
        "median_seconds": 0,
        "p95_seconds": 0,
        "events_per_session": 1.0,
        "bounce_rate": 1.0,
        "given_session_count": 1,
        "difference_count": 0,
        "difference_rate": 0.0,
    },
    # One product that was left in a cart.
    "mart_carts": {
        **_EVERYTHING,
        "carted_count": 1,
        "purchased_count": 0,
        "removed_count": 0,
        "abandoned_count": 1,
        "carted_usd": _ONE,
        "abandoned_usd": _ONE,
        "abandonment_rate": 1.0,
        "session_count": 1,
        "abandoned_session_count": 1,
        "session_abandonment_rate": 1.0,
    },
    # One unit, as a week before.
    "mart_sales": {
        **_EVERYTHING,
        "revenue_usd": _ONE,
        "unit_count": 1,
        "order_count": 1,
        "buyer_count": 1,
        "average_order_value_usd": 1.0,
        "revenue_rank": 1,
        "previous_week_revenue_usd": _ONE,
        "revenue_change": 0.0,
        "previous_week_rank": 1,
        "rank_change": 0,
    },
    # One view.
    "mart_products": {
        **_EVERYTHING,
        "last_price_usd": _ONE,
        "view_session_count": 1,
        "cart_session_count": 0,
        "purchase_session_count": 0,
        "converted_session_count": 0,
        "view_count": 1,
        "unit_count": 0,
        "revenue_usd": _NOTHING,
        "conversion_rate": 0.0,
        "conversion_low": 0.0,
        "conversion_high": 0.8,
        "view_rank": 1,
        "has_enough_views": False,
        "least_converting_rank": None,
    },
    # One product.
    "mart_prices": {
        **_EVERYTHING,
        "product_count": 1,
        "mean_usd": 1.0,
        **dict.fromkeys(("lowest_usd", "p25_usd", "median_usd", "p75_usd", "highest_usd"), _ONE),
        "spread_usd": _NOTHING,
        "price_index": 100.0,
        "previous_week_median_usd": None,
        "matched_product_count": 0,
        "price_change": None,
    },
    "mart_activity": {
        **_EVERYTHING,
        "event_type": "view",
        "iso_week": "2020-W14",
        "event_count": 1,
        "previous_week_event_count": None,
        "event_change": None,
    },
    # One view of one user.
    "mart_users": {
        "is_crawler_like": False,
        "first_event_date": DAY,
        "last_event_date": DAY,
        "recency_days": 0,
        "first_human_date": DAY,
        "is_returning": False,
        "session_seconds": 0,
        "mean_session_seconds": 0.0,
        "order_count": 0,
        "first_purchase_date": None,
        "last_purchase_date": None,
        "purchase_recency_days": None,
        "recency_score": None,
        "frequency_score": None,
        "monetary_score": None,
    },
    "mart_daily_users": {
        **_EVERYTHING,
        "user_count": 1,
        "new_user_count": 1,
        "returning_user_count": 0,
        "new_buyer_count": 0,
    },
    "mart_cohorts": {
        **_EVERYTHING,
        "cohort_start_date": DAY,
        "week_number": 0,
        "cohort_user_count": 1,
        "active_user_count": 1,
        "retention_rate": 1.0,
        "is_complete": True,
    },
}

BAD_MARTS: dict[str, Row] = {
    "starts_before_it_goes_on": {"session_start_date": DAY + dt.timedelta(days=1)},
    "bounces_are_sessions": {"bounce_count": 2},
    "sessions_have_events": {"event_count": 0},
    "median_is_not_above_p95": {"median_seconds": 1},
    "given_sessions_are_not_cut": {"difference_count": 1},
    "every_carted_product_has_one_fate": {"removed_count": 1},
    "a_part_is_not_worth_more": {"carted_usd": Decimal("0.50")},
    "sessions_have_products": {"abandoned_session_count": 2},
    "orders_have_units": {"order_count": 2},
    "sold_for_money": {"revenue_usd": _NOTHING},
    "ranks_follow_each_other": {"rank_change": 1},
    "what_sessions_did_are_events": {"view_count": 0},
    "the_rate_lies_in_its_interval": {"conversion_low": 0.1},
    "only_enough_views_have_a_place": {"least_converting_rank": 1},
    "prices_are_in_order": {"lowest_usd": Decimal("2.00")},
    "has_a_product": {"matched_product_count": 2},
    "either_date_has_an_event": {"event_count": 0},
    "first_date_is_not_after_last": {"first_event_date": DAY + dt.timedelta(days=1)},
    "buyers_have_scores": {"recency_score": 1},
    "buyers_have_dates": {"first_purchase_date": DAY},
    "orders_have_purchases": {"order_count": 1},
    "users_are_new_or_returning": {"user_count": 2},
    "buyers_are_users": {"new_buyer_count": 1},
    "active_users_are_of_the_cohort": {"active_user_count": 2},
    "all_come_in_their_first_week": {"retention_rate": 0.5},
}
