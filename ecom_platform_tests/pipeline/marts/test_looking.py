"""Looking for sessions on new dates alone gives what looking on all dates gives."""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ecom_platform.lake.holds import Hold
from ecom_platform.lake.publications import Publications
from ecom_platform.lake.slices import BEGUN, SEEN
from ecom_platform.pipeline.inputs import MULTIDAY
from ecom_platform.pipeline.marts import MULTIDAY_STEP, looking, multiday
from ecom_platform.pipeline.marts.looking import known_digests
from ecom_platform.pipeline.outcomes import Refused
from ecom_platform.pipeline.staleness import LOGIC_VERSIONS, stale_dates
from ecom_platform.pipeline.stored import read_whole
from ecom_platform.transforms.marts.multiday import digest_by_date, find_multiday_sessions
from ecom_platform_tests.dimensions_in_small import rebuild_partials
from ecom_platform_tests.marts_in_small import rebuild_multiday, rebuilt
from ecom_platform_tests.platform_in_small import LONG_AFTER
from ecom_platform_tests.samples import DAY, at, utc

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecom_platform_tests.platform_in_small import SmallPlatform

NEXT, LAST = DAY + dt.timedelta(days=1), DAY + dt.timedelta(days=2)
A_HOLD = Hold(MULTIDAY, DAY, 1, 1, "a test", "tester", utc("2020-05-01 00:00"))


@pytest.fixture
def whole_looks(monkeypatch: pytest.MonkeyPatch) -> list[dt.date]:
    """The newest dates of the looks at all dates."""
    looks: list[dt.date] = []
    original = looking._look_at_all

    def looked(*given: Any) -> Any:
        looks.append(given[2])
        return original(*given)

    monkeypatch.setattr(looking, "_look_at_all", looked)
    return looks


def prepare(platform: SmallPlatform) -> None:
    """From landing to session_days."""
    platform.run()
    rebuild_partials(platform, only=["session_days"])


def look(platform: SmallPlatform) -> list[dt.date]:
    prepare(platform)
    return rebuild_multiday(platform)


def assert_that_all_was_found(platform: SmallPlatform) -> None:
    """The rows are those of a recount from the fact, the records those of a look at all dates."""
    dates = defaultdict(set)
    fact = platform.rows("fact_user_events")
    for row in fact:
        dates[row["user_id"], row["session_id"]].add(row["event_date"])
    several = {session: min(found) for session, found in dates.items() if len(found) > 1}
    expected = [
        (row["event_date"], row["event_id"], several[session])
        for row in fact
        if (session := (row["user_id"], row["session_id"])) in several
    ]
    stored = platform.rows(MULTIDAY)
    found = [(row["event_date"], row["event_id"], row["session_start_date"]) for row in stored]
    assert sorted(found) == sorted(expected)

    links = find_multiday_sessions(read_whole(platform.work, "session_days"))
    digests: dict[dt.date, dict[int, str]] = defaultdict(dict)
    for row in digest_by_date(links).collect():
        role = {"seen": SEEN, "begun": BEGUN}[row["role"]]
        digests[row["event_date"]][role] = f"{row['session_dates']} {row['digest']}"
    published = platform.lake.publications.published(MULTIDAY)
    assert {date: known for date in published if (known := known_digests(published[date]))} == (
        digests
    )


@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3, 4))]
)
def test_a_lake_that_grows_by_dates_finds_what_a_look_at_all_of_them_does(
    platform: SmallPlatform, whole_looks: list[dt.date], seed: int
) -> None:
    chance, day, grown = random.Random(seed), DAY, []
    for number in range(5):
        last = day + dt.timedelta(days=chance.choice((0, 0, 1)))
        events = [
            {
                **at(chance.randrange(24), chance.randrange(60), chance.choice((day, last, last))),
                "user_id": str(chance.choice((11, 12))),
                "user_session": f"session-{chance.randrange(9)}",
                "product_id": str(chance.randrange(1, 4)),
            }
            for _ in range(6)
        ]
        platform.drop(f"{number}.csv", *events)
        grown += look(platform)
        assert_that_all_was_found(platform)
        day = last + dt.timedelta(days=chance.choice((1, 1, 9)))
    assert len(whole_looks) == 1
    assert len(set(grown)) < len(grown), "no date got more rows: nothing was put on top"


def test_a_new_date_may_have_no_sessions(
    platform: SmallPlatform, whole_looks: list[dt.date]
) -> None:
    platform.drop("a.csv", at(1), at(0, day=NEXT))
    look(platform)
    platform.drop("b.csv", {**at(0, day=LAST), "price": "0.00"})
    look(platform)
    assert max(platform.lake.publications.published("session_days")) == LAST
    assert whole_looks == [NEXT]
    assert_that_all_was_found(platform)


def _late(platform: SmallPlatform, _: pytest.MonkeyPatch) -> None:
    platform.drop("late.csv", {**at(5), "product_id": "9"})


def _held(platform: SmallPlatform, _: pytest.MonkeyPatch) -> None:
    platform.lake.holds.record([A_HOLD])
    look(platform)
    platform.drop("d.csv", at(2, day=LAST + dt.timedelta(days=1)))
    platform.lake.holds.release([A_HOLD])


def _another_rule(_: SmallPlatform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LOGIC_VERSIONS, MULTIDAY, "another")


def _a_file_is_lost(platform: SmallPlatform, _: pytest.MonkeyPatch) -> None:
    (file,) = platform.lake.table(MULTIDAY).files([DAY])
    Path(file.path).unlink()


def _killed_before(owner: object, name: str) -> Callable[[SmallPlatform, pytest.MonkeyPatch], None]:
    def kill(platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch) -> None:
        def die(*_: Any) -> None:
            raise KeyboardInterrupt

        prepare(platform)
        with monkeypatch.context() as killing:
            killing.setattr(owner, name, die)
            with pytest.raises(KeyboardInterrupt):
                rebuild_multiday(platform)

    return kill


@pytest.mark.parametrize(
    "happens",
    [
        pytest.param(_late, id="a late event"),
        pytest.param(_held, id="a date was held"),
        pytest.param(_another_rule, id="another rule"),
        pytest.param(_a_file_is_lost, id="a file is lost"),
        pytest.param(_killed_before(Publications, "record"), id="killed after the commit"),
        pytest.param(_killed_before(multiday, "_record"), id="killed before the last record"),
    ],
)
def test_what_is_not_certain_is_looked_at_as_a_whole(
    platform: SmallPlatform,
    whole_looks: list[dt.date],
    monkeypatch: pytest.MonkeyPatch,
    happens: Callable[[SmallPlatform, pytest.MonkeyPatch], None],
) -> None:
    platform.drop("a.csv", at(1), at(2), {**at(3), "user_session": "another"}, at(0, day=NEXT))
    assert look(platform) == [DAY, NEXT]
    # The new date of both sessions of the first.
    platform.drop("c.csv", at(0, day=LAST), {**at(1, day=LAST), "user_session": "another"})
    whole_looks.clear()
    happens(platform, monkeypatch)
    look(platform)
    assert whole_looks
    assert_that_all_was_found(platform)


def test_dates_that_are_to_be_rebuilt_are_looked_at_as_a_whole(
    platform: SmallPlatform, whole_looks: list[dt.date]
) -> None:
    platform.drop("a.csv", at(1), at(0, day=NEXT))
    look(platform)
    platform.drop("b.csv", at(0, day=LAST))
    prepare(platform)
    stale = stale_dates(platform.lake, MULTIDAY, [DAY], LONG_AFTER, rebuild=True)
    assert list(stale) == [DAY, LAST]
    list(MULTIDAY_STEP.rebuild_dates(platform.work, list(stale.values())))
    assert whole_looks == [NEXT, LAST]
    assert_that_all_was_found(platform)


def test_a_run_gives_way_to_one_that_published_the_same_date_meanwhile(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.drop("a.csv", at(1), at(0, day=NEXT), {**at(2), "user_session": "another"})
    look(platform)
    platform.drop("b.csv", {**at(0, day=LAST), "user_session": "another"})
    prepare(platform)
    original, others = multiday.look_for_sessions, []

    def look_and_let_another_publish(*given: Any) -> Any:
        found = original(*given)
        monkeypatch.undo()
        others.append(rebuild_multiday(platform))
        return found

    monkeypatch.setattr(multiday, "look_for_sessions", look_and_let_another_publish)
    stale = stale_dates(platform.lake, MULTIDAY, None, LONG_AFTER)
    refused, built = MULTIDAY_STEP.rebuild_dates(platform.work, list(stale.values()))
    assert others == [[DAY, LAST]]
    assert isinstance(refused, Refused)
    assert "another run published it; the former gave way" in str(refused.reason)
    assert rebuilt(built) == LAST
    look(platform)
    assert_that_all_was_found(platform)
