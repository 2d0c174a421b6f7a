"""Slices and their fingerprints: what is stale, what is open, and what never changes."""

from __future__ import annotations

import datetime as dt

import pytest

from ecom_platform.lake.slices import (
    OPEN_AFTER_MIDNIGHT,
    StaleDate,
    combine,
    derive,
    digest,
    find_stale,
    is_open,
)
from ecom_platform_tests.samples import DAY, utc


def test_fingerprints_are_what_they_have_always_been() -> None:
    # Written down once: another value here would make every published date stale.
    assert digest([]) == "71857576257465c7"
    assert digest(["a", "b"]) == "4958a65a6584dd7d"
    assert digest(["ä", "\n"]) == "ac7acf1f70ae7bd0"


def test_a_fingerprint_tells_where_one_part_ends() -> None:
    different = [["ab"], ["a", "b"], ["b", "a"], ["a,b"], ['a","b'], ["a", "b", ""]]
    assert len({digest(parts) for parts in different}) == len(different)


def test_the_fingerprint_of_a_date_does_not_depend_on_the_order_of_its_hours() -> None:
    assert combine({1: "a", 2: "b"}) == combine({2: "b", 1: "a"})
    different = [{1: "a"}, {2: "a"}, {1: "a", 2: "b"}, {1: "b", 2: "a"}, {}]
    assert len({combine(hours) for hours in different}) == len(different)


def test_a_derived_fingerprint_changes_with_the_logic_and_with_the_input() -> None:
    base = derive("1", {3: "x", 20: "y"})
    assert list(base) == [3, 20]
    assert base[3] != base[20]
    assert derive("1", {20: "y", 3: "x"}) == base
    assert derive("1", {3: "x2", 20: "y"})[20] == base[20]
    assert derive("1", {3: "x2", 20: "y"})[3] != base[3]
    assert not set(derive("2", {3: "x", 20: "y"}).values()) & set(base.values())


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2020-03-31 00:00", True),  # a date to come: rows may be up to a day ahead
        ("2020-04-01 00:00", True),
        ("2020-04-01 23:59", True),
        ("2020-04-02 02:59", True),
        ("2020-04-02 03:00", False),
        ("2020-04-03 00:00", False),
    ],
)
def test_a_date_is_open_until_three_hours_after_its_end(now: str, expected: bool) -> None:
    assert is_open(DAY, utc(now)) is expected
    assert dt.timedelta(hours=3) == OPEN_AFTER_MIDNIGHT


def test_a_date_is_open_by_utc_whatever_the_zone_of_the_clock() -> None:
    pacific = dt.timezone(dt.timedelta(hours=-8))
    assert is_open(DAY, dt.datetime(2020, 4, 1, 18, 59, tzinfo=pacific))
    assert not is_open(DAY, dt.datetime(2020, 4, 1, 19, 0, tzinfo=pacific))


@pytest.mark.parametrize(
    ("target", "published", "hours"),
    [
        ({}, {}, None),
        ({1: "a"}, {1: "a"}, None),
        ({1: "a"}, {}, (1,)),
        ({1: "a", 2: "b"}, {1: "a"}, (2,)),
        ({1: "a", 2: "b"}, {1: "a", 2: "old"}, (2,)),
        ({}, {5: "gone"}, (5,)),  # the rows of an hour went away
        ({0: "a", 23: "b"}, {23: "old", 12: "gone"}, (0, 12, 23)),
    ],
)
def test_stale_hours_are_those_whose_fingerprints_differ(
    target: dict[int, str], published: dict[int, str], hours: tuple[int, ...] | None
) -> None:
    by_hour = find_stale(DAY, target, published, by_hour=True)
    as_a_whole = find_stale(DAY, target, published, by_hour=False)
    if hours is None:
        assert by_hour is None
        assert as_a_whole is None
    else:
        assert by_hour == StaleDate(DAY, hours, target)
        assert as_a_whole == StaleDate(DAY, None, target)


def test_a_slice_is_named_by_its_date_and_hours() -> None:
    assert StaleDate(DAY, None, {}).label == "2020-04-01"
    assert StaleDate(DAY, (3, 14), {}).label == "2020-04-01 hours 3, 14"
