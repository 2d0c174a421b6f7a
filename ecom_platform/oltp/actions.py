"""What happens in a shop: one function an action, each the statements of one transaction.

Belongs here: what is changed, and by which chance. Not here: when (simulate.py).
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg

_DEVICES = ("mobile", "mobile", "mobile", "desktop", "desktop", "tablet")
_CHANNELS = ("direct", "organic_search", "paid_search", "email", "social", "affiliate")
_TYPES = ("view", "view", "view", "view", "cart", "remove_from_cart", "purchase")
_MOST_EVENTS = 8
_LONGEST_PAUSE = 90_000_000
_FRESH_USERS = 0.2

_ANY = {
    "users": """SELECT user_id FROM shop.users WHERE user_id >= (
        SELECT min(user_id) + (max(user_id) - min(user_id)) * %s::float FROM shop.users
    ) ORDER BY user_id LIMIT 1""",
    "products": """SELECT product_id, price FROM shop.products WHERE product_id >= (
        SELECT min(product_id) + (max(product_id) - min(product_id)) * %s::float
        FROM shop.products
    ) ORDER BY product_id LIMIT 1""",
    "events": """SELECT event_id, session_id FROM shop.events WHERE event_id >= (
        SELECT min(event_id) + (max(event_id) - min(event_id)) * %s::float FROM shop.events
    ) ORDER BY event_id LIMIT 1""",
    "categories": """SELECT category_id FROM shop.categories ORDER BY category_id
        OFFSET (SELECT floor(count(*) * %s::float)::int FROM shop.categories) LIMIT 1""",
    "brands": """SELECT brand_id FROM shop.brands WHERE brand_id >= (
        SELECT min(brand_id) + (max(brand_id) - min(brand_id)) * %s::float FROM shop.brands
    ) ORDER BY brand_id LIMIT 1""",
}


class Shop:
    """The shop at one moment, inside a transaction.

    Args:
        cursor: Of an open transaction.
        chance: Where all choices come from.
        now: The shop's clock, UTC without a zone.
    """

    def __init__(self, cursor: psycopg.Cursor[Any], chance: Random, now: dt.datetime) -> None:
        self._cursor = cursor
        self._chance = chance
        self._now = now

    def visit(self) -> None:
        """Somebody comes and looks around; a fifth of them are new."""
        user = self._sign_up() if self._chance.random() < _FRESH_USERS else self._any("users")[0]
        session = uuid.UUID(int=self._chance.getrandbits(128), version=4)
        device, channel = self._chance.choice(_DEVICES), self._chance.choice(_CHANNELS)
        self._cursor.execute(
            "INSERT INTO shop.sessions VALUES (%s, %s, %s, %s, %s)",
            (session, user, device, channel, self._now),
        )
        moment = self._now
        for _ in range(self._chance.randint(1, _MOST_EVENTS)):
            product, price = self._any("products")
            self._cursor.execute(
                """INSERT INTO shop.events
                (session_id, user_id, product_id, event_type, event_time, price)
                VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING""",
                (session, user, product, self._chance.choice(_TYPES), moment, price),
            )
            moment += dt.timedelta(microseconds=self._chance.randint(1, _LONGEST_PAUSE))

    def reprice(self) -> None:
        """A product becomes up to a fifth cheaper or dearer."""
        product, _ = self._any("products")
        self._cursor.execute(
            "UPDATE shop.products SET price = round(price * %s::numeric, 2) WHERE product_id = %s",
            (round(self._chance.uniform(0.8, 1.2), 3), product),
        )

    def rename(self) -> None:
        """A user takes another name and address."""
        user, mark = self._any("users")[0], self._chance.getrandbits(32)
        self._cursor.execute(
            "UPDATE shop.users SET name = %s, email = %s WHERE user_id = %s",
            (f"Renamed {mark:08x}", f"user{user}.{mark:08x}@example.com", user),
        )

    def correct(self) -> None:
        """A price was recorded wrongly, or a time: up to a day later or earlier."""
        event, _ = self._any("events")
        if self._chance.random() < 0.5:
            self._cursor.execute(
                """UPDATE shop.events SET price = price + 0.01 * %s WHERE event_id = %s""",
                (self._chance.randint(1, 500), event),
            )
        else:
            shift = dt.timedelta(microseconds=self._chance.randint(-(10**11) // 2, 10**11 // 2))
            self._cursor.execute(
                "UPDATE shop.events SET event_time = event_time + %s WHERE event_id = %s",
                (shift, event),
            )

    def withdraw(self) -> None:
        """An event is deleted: a test order, a robot."""
        self._cursor.execute(
            "DELETE FROM shop.events WHERE event_id = %s", (self._any("events")[0],)
        )

    def erase(self) -> None:
        """A user asks to be forgotten: the user, the sessions and the events go."""
        user = self._any("users")[0]
        for statement in (
            "DELETE FROM shop.events WHERE user_id = %s",
            "DELETE FROM shop.sessions WHERE user_id = %s",
            "DELETE FROM shop.users WHERE user_id = %s",
        ):
            self._cursor.execute(statement, (user,))

    def reattribute(self) -> None:
        """Marketing finds out that a session came by another channel."""
        _, session = self._any("events")
        self._cursor.execute(
            "UPDATE shop.sessions SET channel = %s WHERE session_id = %s",
            (self._chance.choice(_CHANNELS), session),
        )

    def recategorize(self) -> None:
        """A product moves to another category."""
        self._cursor.execute(
            "UPDATE shop.products SET category_id = %s WHERE product_id = %s",
            (self._any("categories")[0], self._any("products")[0]),
        )

    def renumber(self) -> None:
        """A brand gets another number, and so do its products: a change of a key."""
        self._cursor.execute(
            """UPDATE shop.brands SET brand_id = (SELECT max(brand_id) + 1 FROM shop.brands)
            WHERE brand_id = %s""",
            (self._any("brands")[0],),
        )

    def _sign_up(self) -> int:
        row = self._cursor.execute(
            """INSERT INTO shop.users
            SELECT coalesce(max(user_id), 0) + 1, 'New ' || coalesce(max(user_id), 0) + 1,
                'user' || coalesce(max(user_id), 0) + 1 || '@example.com', %s FROM shop.users
            RETURNING user_id""",
            (self._now,),
        ).fetchone()
        assert row is not None
        return int(row[0])

    def _any(self, table: str) -> tuple[Any, ...]:
        row = self._cursor.execute(_ANY[table], (self._chance.random(),)).fetchone()
        if row is None:
            raise LookupError(table)
        return tuple(row)


# How often each happens, in a thousand.
ACTIONS: tuple[tuple[str, Callable[[Shop], None], int], ...] = (
    ("visit", Shop.visit, 700),
    ("reprice", Shop.reprice, 80),
    ("rename", Shop.rename, 50),
    ("correct", Shop.correct, 80),
    ("withdraw", Shop.withdraw, 40),
    ("reattribute", Shop.reattribute, 25),
    ("recategorize", Shop.recategorize, 10),
    ("erase", Shop.erase, 10),
    ("renumber", Shop.renumber, 5),
)
