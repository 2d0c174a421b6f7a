"""The shop lives: transaction after transaction, at a chosen rate.

Belongs here: the clock, the rate, which action comes next. Not here: what an action does.
"""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random

from ecom_platform.errors import OltpFailed
from ecom_platform.oltp.actions import ACTIONS, Shop
from ecom_platform.oltp.connection import connect

Clock = Callable[[], dt.datetime]


def utc_now() -> dt.datetime:
    """The time of day in UTC, without its zone, as the shop's tables hold it."""
    return dt.datetime.now(tz=dt.UTC).replace(tzinfo=None)


def simulate(
    url: str,
    *,
    transactions: int,
    seed: int,
    rate: float | None = None,
    clock: Clock = utc_now,
) -> Counter[str]:
    """Let the shop live for some transactions.

    The same seed on the same database makes the same choices; times are the clock's.

    Args:
        url: Address of the database; it must hold something, see load.py.
        transactions: How many.
        seed: Of the choices.
        rate: Transactions a second at most; as fast as they go if there is none.
        clock: The shop's time, UTC without a zone.

    Returns:
        How often each action happened.

    Raises:
        OltpFailed: the shop is empty, or a transaction is refused.
    """
    import psycopg

    happened: Counter[str] = Counter()
    with connect(url, autocommit=True) as connection:
        for name, action, chance in _plan(transactions, seed, rate):
            try:
                with connection.transaction(), connection.cursor() as cursor:
                    action(Shop(cursor, chance, clock()))
            except LookupError as fault:
                raise OltpFailed(f"shop.{fault.args[0]} is empty; first: ecom oltp load") from None
            except psycopg.Error as fault:
                reason = " ".join(str(fault).split())
                raise OltpFailed(f"the transaction {name!r} was refused: {reason}") from None
            happened[name] += 1
    return happened


def _plan(
    transactions: int, seed: int, rate: float | None
) -> Iterator[tuple[str, Callable[[Shop], None], Random]]:
    """The actions one by one, each when its time has come."""
    weights = [weight for _, _, weight in ACTIONS]
    begun = time.monotonic()
    for number in range(transactions):
        if rate:
            time.sleep(max(0.0, begun + number / rate - time.monotonic()))
        chance = Random(f"{seed}/{number}")  # noqa: S311  # a game, not a secret
        name, action, _ = chance.choices(ACTIONS, weights)[0]
        yield name, action, chance
