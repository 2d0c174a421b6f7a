"""The metrics: one definition each, which marts, dashboard, saved queries and docs share.

Belongs here: names, meanings and where they are published. Not here: how a mart computes them.
"""

from __future__ import annotations

from functools import partial

from ecom_platform.contracts.marts.funnel import FUNNEL_RATES, PRODUCT_SESSION, SESSION
from ecom_platform.contracts.metric import Metric, Place, exact, share, summed

_ALL = {"traffic": "all"}
_WHOLE = {"breakdown": "all"}


# Where metrics stand: the rows to read of each mart; of a quotient, both columns.
_given = partial(Place, "mart_sessions", rows={**_ALL, "cut": "given", **_WHOLE})
_sold = partial(Place, "mart_sales", rows=_WHOLE)
_carted = partial(Place, "mart_carts", rows={**_ALL, **_WHOLE})
_users = partial(Place, "mart_daily_users", rows=_ALL)
_products = partial(Place, "mart_products", rows=_ALL)


def _of_type(event_type: str) -> Place:
    return Place("mart_activity", "event_count", rows={**_ALL, "event_type": event_type})


_EVENTS = (
    summed(
        "event_count",
        "Events",
        "Accepted events of all types, on their own date.",
        Place("mart_activity", "event_count", rows=_ALL),
        _given("event_count"),
        fact="SELECT COUNT(*) FROM fact_user_events",
    ),
    summed(
        "view_count",
        "Views",
        "View events, on their own date.",
        _of_type("view"),
        _products("view_count"),
        fact="SELECT COUNT(*) FROM fact_user_events WHERE event_type = 'view'",
    ),
)

# Of either unit of the funnel: what its counts and rates are called, and what they mean.
_STEPS = {
    "viewed": ("viewing", "with a view", "with at least one view event"),
    "purchased": ("purchasing", "with a purchase", "with at least one purchase event"),
    "loose_cart": ("loose_cart", *2 * ("with view and cart, in any order",)),
    "loose_purchase": ("loose_purchase", *2 * ("with view, cart and purchase, in any order",)),
    "strict_cart": ("strict_cart", "that carted after a view", "with a cart at or after a view"),
    "strict_purchase": (
        "strict_purchase",
        "that purchased after a cart",
        "with a purchase at or after a cart that is at or after a view",
    ),
}
_RATES = {
    "conversion_rate": ("Conversion", "that have a purchase, with or without a cart event"),
    "loose_view_to_cart_rate": (
        "View to cart, any order",
        "with a view that have a cart event too",
    ),
    "loose_cart_to_purchase_rate": (
        "Cart to purchase, any order",
        "with view and cart that have a purchase too",
    ),
    "loose_view_to_purchase_rate": (
        "View to purchase, any order",
        "with a view that have a cart event and a purchase too",
    ),
    "strict_view_to_cart_rate": ("View to cart", "with a view that carted at or after it"),
    "strict_cart_to_purchase_rate": (
        "Cart to purchase",
        "that carted after a view which purchased after that",
    ),
    "strict_view_to_purchase_rate": (
        "View to purchase",
        "with a view that carted at or after it and purchased at or after that",
    ),
}
# What one query of the fact counts too.
_TYPES = {"viewed": "view", "purchased": "purchase"}


def _funnel(unit: str, things: str, meaning: str, of: str, *also: Place) -> list[Metric]:
    """The funnel of one unit of mart_funnel, as it is called in names, labels and definitions."""
    place = partial(Place, "mart_funnel", rows={**_ALL, "unit": unit, **_WHOLE})
    key = "user_id, session_id" if unit == SESSION else "user_id, session_id, product_id"
    fact = f"SELECT COUNT(*) FROM (SELECT DISTINCT {key} FROM fact_user_events{{}}) AS s"  # noqa: S608  # ours
    counted = partial(summed, better="more")
    places = place("unit_count"), *also
    found = [counted(f"{unit}_count", things, meaning, *places, fact=fact.format(""))]
    for column, (name, label, words) in _STEPS.items():
        names = f"{name}_{unit}_count", f"{things} {label}", f"{things} {words}."
        where = f" WHERE event_type = '{_TYPES.get(column)}'"
        recount = fact.format(where) if column in _TYPES else None
        found.append(counted(*names, place(f"{column}_count"), fact=recount))
    for rate, (label, words) in _RATES.items():
        name = rate if unit == SESSION else f"{unit}_{rate}"
        names = name, f"{label}{of}", f"Share of the {things.lower()} {words}."
        found.append(share(*names, place(*FUNNEL_RATES[rate]), better="more"))
    return found


_FUNNEL = (
    *_funnel(
        SESSION,
        "Sessions",
        "Sessions (user_id, session_id), on the date of their first event, whole.",
        "",
        _given("session_count"),
    ),
    *_funnel(
        PRODUCT_SESSION,
        "Product sessions",
        "Products of sessions, each once a session, on the date of the session's first event.",
        " (product sessions)",
    ),
)

_SALES = (
    summed(
        "revenue_usd",
        "Revenue",
        "Sum of the prices of the purchase events, on their own date.",
        _sold("revenue_usd"),
        _products("revenue_usd"),
        unit="USD",
        better="more",
        fact="SELECT SUM(price) FROM fact_user_events WHERE event_type = 'purchase'",
    ),
    summed(
        "unit_count",
        "Units sold",
        "Purchase events, each one unit, on their own date.",
        _sold("unit_count"),
        _of_type("purchase"),
        _products("unit_count"),
        better="more",
        fact="SELECT COUNT(*) FROM fact_user_events WHERE event_type = 'purchase'",
    ),
    summed(
        "order_count",
        "Orders",
        "Sessions with a purchase on the date of the purchase.",
        _sold("order_count"),
        better="more",
        fact="SELECT COUNT(*) FROM (SELECT DISTINCT event_date, user_id, session_id "
        "FROM fact_user_events WHERE event_type = 'purchase') AS o",
    ),
    share(
        "average_order_value_usd",
        "Average order",
        "Revenue for each order.",
        _sold("revenue_usd", "order_count"),
        unit="USD",
        better="more",
    ),
)

_SESSIONS = (
    share(
        "bounce_rate",
        "Bounces",
        "Share of the sessions, as given by their id, that have a single event.",
        _given("bounce_count", "session_count"),
        better="less",
    ),
    share(
        "events_per_session",
        "Events per session",
        "Events of the sessions, for each session as given by its id.",
        _given("event_count", "session_count"),
        unit="ratio",
    ),
    exact(
        "median_session_seconds",
        "Median duration",
        "Median time from the first event of a session to its last, by nearest rank.",
        _given("median_seconds"),
        unit="seconds",
    ),
    exact(
        "p95_session_seconds",
        "95th percentile of the duration",
        "Time from first event to last that 95 % of the sessions do not exceed.",
        _given("p95_seconds"),
        unit="seconds",
    ),
)

_CARTS = (
    summed(
        "carted_product_count",
        "Carted products",
        "Products that a session put into its cart; one product of one session counts once.",
        _carted("carted_count"),
        fact="SELECT COUNT(*) FROM (SELECT DISTINCT user_id, session_id, product_id "
        "FROM fact_user_events WHERE event_type = 'cart') AS c",
    ),
    summed(
        "abandoned_product_count",
        "Abandoned products",
        "Carted products that the session neither purchased nor took out again.",
        _carted("abandoned_count"),
        better="less",
    ),
    summed(
        "abandoned_usd",
        "Worth of abandoned products",
        "Prices of the abandoned products when they were put into the cart last.",
        _carted("abandoned_usd"),
        unit="USD",
        better="less",
    ),
    share(
        "cart_abandonment_rate",
        "Cart abandonment",
        "Share of the carted products that were abandoned.",
        _carted("abandoned_count", "carted_count"),
        better="less",
    ),
)

_USERS = (
    summed(
        "new_user_count",
        "New users",
        "Users whose first event that the lake knows is of the date.",
        _users("new_user_count"),
        better="more",
        fact="SELECT COUNT(*) FROM (SELECT DISTINCT user_id FROM fact_user_events) AS u",
    ),
    exact(
        "user_count",
        "Users",
        "Different users with an event on the date.",
        _users("user_count"),
        better="more",
    ),
)

METRICS: dict[str, Metric] = {
    metric.name: metric for metric in (*_EVENTS, *_FUNNEL, *_SALES, *_SESSIONS, *_CARTS, *_USERS)
}
