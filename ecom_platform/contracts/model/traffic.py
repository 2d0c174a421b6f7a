"""Crawler-like sessions: how behaviour that is not a person's is told, in one place.

Belongs here: the thresholds and the rule. Not here: which tables are counted with and without.
"""

from __future__ import annotations

from ecom_platform.contracts.model.counts import EVENT_COUNT_COLUMNS

# A session is judged by what it did on one date. Whoever buys is a person. People look at up to
# some hundred products on a day, with pauses; crawlers of the published data look at ten thousand.
CRAWLER_EVENTS_A_DAY = 1_000
# Without any pause: an event every five seconds on average, kept up for a hundred events.
CRAWLER_LEAST_EVENTS = 100
CRAWLER_EVENTS_A_MINUTE = 12

_EVENTS = f"({' + '.join(EVENT_COUNT_COLUMNS)})"
_SECONDS = "(UNIX_TIMESTAMP(last_event_at) - UNIX_TIMESTAMP(first_event_at))"

# SQL over counts and times of a session on one date, true for one that is crawler-like.
IS_CRAWLER_LIKE = (
    f"purchase_count = 0 AND ({_EVENTS} >= {CRAWLER_EVENTS_A_DAY} OR ("
    f"{_EVENTS} >= {CRAWLER_LEAST_EVENTS} AND "
    f"{_EVENTS} * 60 >= {CRAWLER_EVENTS_A_MINUTE} * {_SECONDS}))"
)
CRAWLER_WORDS = (
    f"no purchase, and at least {CRAWLER_EVENTS_A_DAY:,} events on a date, or at least "
    f"{CRAWLER_LEAST_EVENTS} of them at {CRAWLER_EVENTS_A_MINUTE} or more a minute"
)
