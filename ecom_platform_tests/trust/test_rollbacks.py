"""Whatever is published, put back and released, each date holds what was last decided of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ecom_platform.errors import CannotRollBack
from ecom_platform.lake.expiry import in_order
from ecom_platform.pipeline.backlog import find_backlog
from ecom_platform.pipeline.ledger.verdict import judge_ledger
from ecom_platform.pipeline.rollback import release
from ecom_platform_tests.ledger_in_small import NEXT_DAY, rebuild_ledger
from ecom_platform_tests.platform_in_small import LONG_AFTER
from ecom_platform_tests.rollback_in_small import back
from ecom_platform_tests.samples import DAY, at
from ecom_platform_tests.trust.test_order import a_platform
from ecom_platform_tests.upkeep_in_small import CLEAN, FACT

if TYPE_CHECKING:
    from ecom_platform_tests.platform_in_small import SmallPlatform

DATES = (DAY, NEXT_DAY)


@dataclass(frozen=True)
class Deliver:
    """The object of a date is delivered with another content: an event of each hour."""

    date: dt.date
    hours: tuple[int, ...]


@dataclass(frozen=True)
class PutBack:
    """clean_events goes back to a version: so many before the newest, as far as there are."""

    versions_ago: int
    dates: tuple[dt.date, ...] | None


@dataclass(frozen=True)
class Release:
    """Dates are released."""

    dates: tuple[dt.date, ...] | None


@dataclass(frozen=True)
class Run:
    """Everything that is stale is rebuilt."""


Step = Deliver | PutBack | Release | Run

CHOICES = st.none() | st.sampled_from([(DAY,), (NEXT_DAY,), DATES])
STEPS = st.one_of(
    st.builds(
        Deliver,
        st.sampled_from(DATES),
        st.sets(st.integers(0, 3)).map(lambda hours: tuple(sorted(hours))),
    ),
    st.builds(PutBack, st.integers(0, 4), CHOICES),
    st.builds(PutBack, st.integers(0, 4), CHOICES),
    st.builds(Release, CHOICES),
    st.just(Run()),
)

UNTOUCHED: frozenset[str] = frozenset()


@dataclass
class Expected:
    """What clean_events should hold, told from the steps and from what each version held.

    Attributes:
        delivered: the hours with an event, by date, as landing holds them.
        holds: the same, as clean_events should hold them.
        files: the files of each date, as another reader of Iceberg sees them in the newest version.
        versions: what each version held of each date: hours, and files.
        held: of each date that is held, the files that it had before it was put back.
    """

    delivered: dict[dt.date, frozenset[int]] = field(default_factory=dict)
    holds: dict[dt.date, frozenset[int]] = field(default_factory=dict)
    files: dict[dt.date, frozenset[str]] = field(default_factory=dict)
    versions: dict[int, dict[dt.date, tuple[frozenset[int], frozenset[str]]]] = field(
        default_factory=dict
    )
    held: dict[dt.date, frozenset[str]] = field(default_factory=dict)

    def run(self) -> None:
        for date in DATES:
            if date not in self.held:
                self.holds[date] = self.delivered.get(date, frozenset())

    def put_back(self, version: int, dates: Collection[dt.date] | None) -> list[dt.date]:
        changed = []
        for date in DATES:
            hours, files = self.versions[version].get(date, (frozenset(), UNTOUCHED))
            present = self.files.get(date, UNTOUCHED)
            if files == present or (dates is not None and date not in dates):
                continue
            changed.append(date)
            self.holds[date] = hours
            if self.held.setdefault(date, present) == files:
                del self.held[date]
        return changed

    def look(self, platform: SmallPlatform) -> None:
        """Remember what the versions hold that are new, and how the dates lie in files now."""
        table = platform.lake.table(CLEAN).iceberg
        for snapshot in in_order(table.snapshots()):
            scan = table.scan(snapshot_id=snapshot.snapshot_id)
            if snapshot.snapshot_id not in self.versions:
                rows = scan.to_arrow().to_pylist()
                files = [task.file for task in scan.plan_files()]
                self.versions[snapshot.snapshot_id] = {
                    date: (
                        frozenset(r["event_time"].hour for r in rows if r["event_date"] == date),
                        frozenset(f.file_path for f in files if date_of(f.partition[0]) == date),
                    )
                    for date in DATES
                }
            of_dates = self.versions[snapshot.snapshot_id]
            self.files = {date: files for date, (_, files) in of_dates.items()}


# A date goes back twice, is overtaken by new data, comes back to where it was, and is released.
THERE_AND_BACK: list[Step] = [
    Deliver(DAY, (1,)),
    Deliver(NEXT_DAY, (1,)),
    Run(),
    Deliver(DAY, (1, 2)),
    Run(),
    PutBack(1, None),
    Run(),
    Deliver(DAY, (3,)),
    Run(),
    PutBack(1, (DAY,)),
    PutBack(0, None),
    PutBack(4, (DAY,)),
    Release((DAY,)),
]


@example(steps=THERE_AND_BACK)
@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=3, derandomize=True)
@given(steps=st.lists(STEPS, min_size=3, max_size=8))
def test_a_date_holds_what_was_last_decided_of_it(steps: list[Step]) -> None:
    hold_to_the_steps(steps)


@pytest.mark.slow
@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=150)
@given(steps=st.lists(STEPS, min_size=4, max_size=14))
def test_a_date_holds_what_was_last_decided_in_any_of_many_histories(steps: list[Step]) -> None:
    hold_to_the_steps(steps)


def hold_to_the_steps(steps: list[Step]) -> None:
    expected = Expected()
    with a_platform() as platform:
        for step in [Deliver(DAY, (0,)), Run(), *steps, Run()]:
            follow(platform, expected, step)
            assert hours_of(platform, CLEAN) == with_rows(expected.holds), step
            assert {h.event_date for h in platform.lake.holds.all()} == expected.held.keys(), step
        backlog = find_backlog(platform.lake, LONG_AFTER)
        assert not [one for one in backlog if one.table in (CLEAN, FACT)]
        rebuild_ledger(platform)
        assert bool(judge_ledger(platform.lake).held) <= bool(expected.held)
        follow(platform, expected, Release(None))
        follow(platform, expected, Run())
        rebuild_ledger(platform)
        assert hours_of(platform, FACT) == with_rows(expected.delivered)
        assert judge_ledger(platform.lake).is_complete


def follow(platform: SmallPlatform, expected: Expected, step: Step) -> None:
    """Let a step happen, and write down what should follow from it."""
    match step:
        case Deliver(date, hours):
            platform.drop(f"{date}.csv", *(at(hour, day=date) for hour in hours))
            expected.delivered[date] = frozenset(hours)
        case PutBack(ago, dates):
            versions = [s.snapshot_id for s in in_order(_clean(platform).snapshots())]
            version = versions[max(0, len(versions) - 1 - ago)]
            assert back(platform, CLEAN, version, dates) == expected.put_back(version, dates)
        case Release(dates):
            ended = expected.held.keys() & set(dates or DATES)
            if ended:
                release(platform.lake, CLEAN, dates)
            else:
                with pytest.raises(CannotRollBack):
                    release(platform.lake, CLEAN, dates)
            expected.held = {d: f for d, f in expected.held.items() if d not in ended}
        case Run():
            platform.run()
            expected.run()
            assert platform.values(FACT, "event_id") == platform.values(CLEAN, "event_id")
    expected.look(platform)


def date_of(partition: dt.date | int) -> dt.date:
    """The date that a file is of; Iceberg counts days from 1970 on."""
    if isinstance(partition, int):
        return dt.date(1970, 1, 1) + dt.timedelta(days=partition)
    return partition


def hours_of(platform: SmallPlatform, table: str) -> dict[dt.date, frozenset[int]]:
    rows = platform.rows(table)
    return with_rows(
        {
            date: frozenset(r["event_time"].hour for r in rows if r["event_date"] == date)
            for date in DATES
        }
    )


def with_rows(hours: dict[dt.date, frozenset[int]]) -> dict[dt.date, frozenset[int]]:
    return {date: held for date, held in hours.items() if held}


def _clean(platform: SmallPlatform):
    return platform.lake.table(CLEAN).iceberg
