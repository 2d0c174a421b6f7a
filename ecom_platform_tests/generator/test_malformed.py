"""Each kind of malformed line against the platform's own parser: rejected, for its reason."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest

from ecom_platform.contracts.clean import EVENT_TYPES
from ecom_platform.generator.malformed import KINDS, Kind
from ecom_platform.landing.line_parser import Event, LineRules, parse_line
from ecom_platform_tests.generator.conftest import Generated
from ecom_platform_tests.generator.recount import lines_of

GOOD = (
    b"2020-04-01 13:00:05 UTC,view,1004856,2053013555631882655,electronics.smartphone,samsung,"
    b"130.76,541312140,72d76fde-8bb3-4e00-8c23-a032dfed738c"
)
RULES = LineRules(
    field_count=9,
    positions=tuple(range(9)),
    start_date=dt.date(2019, 10, 1),
    latest=dt.datetime(2099, 12, 31, tzinfo=dt.UTC),
    max_line_bytes=1 << 20,
)


def test_the_line_that_is_broken_is_good() -> None:
    assert isinstance(parse_line(GOOD, RULES), Event)


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if kind.layer == "raw"], ids=lambda kind: kind.name
)
def test_layer_raw_rejects_the_line_for_the_stated_reason_and_date(kind: Kind) -> None:
    fate = parse_line(kind.line(GOOD), RULES)
    assert not isinstance(fate, Event)
    assert fate.reason == kind.reason
    assert fate.event_date == (dt.date(2020, 4, 1) if kind.is_dated else None)


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if kind.layer == "clean"], ids=lambda kind: kind.name
)
def test_layer_raw_takes_the_line_and_one_rule_of_clean_rejects_it(kind: Kind) -> None:
    event = parse_line(kind.line(GOOD), RULES)
    assert isinstance(event, Event)
    broken = []
    if event.user_session is None:
        broken.append("null_user_session")
    if event.event_type not in EVENT_TYPES:
        broken.append("unknown_event_type")
    if event.price <= 0:
        broken.append("price_not_positive")
    assert broken == [kind.reason]


def test_names_of_kinds_are_unique() -> None:
    assert max(Counter(kind.name for kind in KINDS).values()) == 1


def test_every_kind_is_written_as_often_as_any_other(faulty: Generated) -> None:
    counts = Counter()
    for each in faulty.report.injected:
        counts[each.kind] += each.lines
    repeated = lines_of(faulty.folder / "events_2020-04-18_repeated.csv.gz")
    assert set(counts) == {kind.name for kind in KINDS}
    # 90 lines of 15 kinds are 6 of each; the repeated file holds some of them once more.
    again = sum(b"P-1004856" in line for line in repeated)
    assert counts["product_id_text"] == 6 + again
    assert 6 <= min(counts.values()) <= max(counts.values()) <= 9


def test_malformed_lines_are_spread_over_dates_and_hours(faulty: Generated) -> None:
    with_text = [
        (path.name, number)
        for path in faulty.readable
        for number, line in enumerate(lines_of(path))
        if b"P-1004856" in line
    ]
    assert len({name for name, _ in with_text}) >= 3
    assert all(number > 0 for _, number in with_text)
