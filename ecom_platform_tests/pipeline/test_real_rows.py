"""Real rows through the whole pipeline, against a count of the same file by plain Python."""

from __future__ import annotations

import csv
import datetime as dt
import shutil
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ecom_platform_tests.platform_in_small import LONG_AFTER

if TYPE_CHECKING:
    from ecom_platform_tests.platform_in_small import SmallPlatform

KEY = "events/2019-Oct.csv"
DATE = dt.date(2019, 10, 1)
TYPES = {"view", "cart", "remove_from_cart", "purchase"}


@dataclass
class Recount:
    """What the file holds, counted without anything of the platform."""

    raw: int = 0
    malformed: int = 0
    duplicates: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    facts: Counter[str] = field(default_factory=Counter)
    facts_by_hour: Counter[int] = field(default_factory=Counter)
    revenue: Decimal = Decimal(0)
    first_lines: set[int] = field(default_factory=set)


def recount(path: Path) -> Recount:
    found = Recount()
    seen: set[tuple[str, ...]] = set()
    with path.open(newline="", encoding="utf-8") as stream:
        lines = csv.reader(stream)
        width = len(next(lines))
        for number, fields in enumerate(lines, start=2):
            if len(fields) != width:
                found.malformed += 1
                continue
            found.raw += 1
            if tuple(fields) in seen:
                found.duplicates += 1
                continue
            seen.add(tuple(fields))
            time, kind, *_, price, _user, session = fields
            if not session:
                found.rejected["null_user_session"] += 1
            elif kind not in TYPES:
                found.rejected["unknown_event_type"] += 1
            elif Decimal(price) <= 0:
                found.rejected["price_not_positive"] += 1
            else:
                found.facts[kind] += 1
                found.facts_by_hour[int(time[11:13])] += 1
                found.first_lines.add(number)
                found.revenue += Decimal(price) if kind == "purchase" else 0
    return found


@pytest.mark.parametrize("now", ["while the date is open", "after it was closed"])
def test_every_real_row_has_the_fate_that_an_independent_count_finds(
    platform: SmallPlatform, real_rows: Path, now: str
) -> None:
    target = platform.lake.settings.landing_path / KEY
    target.parent.mkdir(parents=True)
    shutil.copy2(real_rows, target)
    expected = recount(real_rows)
    assert expected.raw > 17_000
    assert min(expected.malformed, expected.duplicates, expected.rejected.total()) > 0

    noon = dt.datetime(2019, 10, 1, 12, tzinfo=dt.UTC)
    rebuilt = platform.run(now=noon if "open" in now else LONG_AFTER)

    numbers = rebuilt["clean_events"][0].numbers
    assert len(platform.rows("raw_events")) == numbers["rows_in"] == expected.raw
    assert numbers["duplicates"] == expected.duplicates
    rejected = platform.rows("rejected_events")
    assert Counter(r["reason"] for r in rejected if r["layer"] == "clean") == expected.rejected
    assert sum(row["layer"] == "raw" for row in rejected) == expected.malformed
    facts = platform.rows("fact_user_events")
    assert Counter(row["event_type"] for row in facts) == expected.facts
    assert Counter(row["hour_of_day"] for row in facts) == expected.facts_by_hour
    revenue = sum(row["price"] for row in facts if row["event_type"] == "purchase")
    assert revenue == expected.revenue
    assert {row["event_date"] for row in facts} == {DATE}
    assert set(platform.values("clean_events", "source_row")) == expected.first_lines
