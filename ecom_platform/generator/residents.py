"""Sessions that outlast hours: a few crawlers, and session ids that stay alive for weeks.

Belongs here: sessions planned for the whole period. Not here: those of people (sessions.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ecom_platform.generator.streams import Ints, Purpose, Stream

_CRAWLER_VIEWS_AN_HOUR = 1_500
_CRAWLER_MOST_VIEWS = 25_000
_VIEWS_PER_LIFE_HOUR = 0.4


@dataclass(frozen=True)
class Resident:
    """One session that only views, at an even pace, from `first_hour` for `hours`.

    Attributes:
        number: its place in the period's plan; names its random stream.
        first_hour: hour in which it begins.
        hours: how many hours it lives.
        expected_views: about how many views it makes in all.
        is_crawler: walks through the assortment; else it returns to a few products.
    """

    number: int
    first_hour: int
    hours: int
    expected_views: int
    is_crawler: bool

    def views_in(self, hour: int, stream: Stream) -> Ints:
        """Seconds of the hour in which it views, ascending, each at most once."""
        if not self.first_hour <= hour < self.first_hour + self.hours:
            return np.array([], dtype=np.int64)
        views = stream.rounded(self.expected_views / self.hours)
        if not self.is_crawler:
            # One visit in four hours on average, of a few views.
            views = 4 * views if stream.one_below(4) == 0 else 0
        # The first of the shuffled seconds: no two alike.
        return np.sort(np.argsort(stream.words(3600))[:views])

    def products_in(self, hour: int, views: int, offered: Ints, stream: Stream) -> Ints:
        """Products of its views in that hour."""
        if self.is_crawler:
            place = (hour - self.first_hour) * _CRAWLER_VIEWS_AN_HOUR + np.arange(views)
            return offered[(place * 97 + 7_919 * self.number) % len(offered)]
        return offered[(stream.below(8, views) * 641 + 7_919 * self.number) % len(offered)]


def plan_residents(
    seed: int, salt: int, rows: int, first_hour: int, hours: int
) -> tuple[Resident, ...]:
    """Plan crawlers and long-lived sessions for a period with so many rows."""
    stream = Stream(seed, Purpose.RESIDENT_PLAN, salt)
    planned: list[tuple[int, int, int, bool]] = []
    for _ in range(3 + rows // 20_000_000):
        most = min(_CRAWLER_MOST_VIEWS, rows // 600)
        views = most // 2 + stream.one_below(most // 2 + 1)
        length = min(hours, 1 + views // _CRAWLER_VIEWS_AN_HOUR)
        begin = stream.one_below(hours - length + 1)
        planned.append((begin, length, views, True))
    for _ in range(2 + rows // 15_000_000):
        length = min(hours, 240 + stream.one_below(360))
        begin = stream.one_below(hours - length + 1)
        views = min(round(length * _VIEWS_PER_LIFE_HOUR), rows // 500)
        planned.append((begin, length, views, False))
    return tuple(
        Resident(number, first_hour + begin, length, views, is_crawler)
        for number, (begin, length, views, is_crawler) in enumerate(planned)
    )
