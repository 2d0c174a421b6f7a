"""Looks at landing: each bounded, all of them together see everything, the newest at once."""

from __future__ import annotations

from ecom_platform.landing.objects import LandingObject
from ecom_platform.sensors.landing import NEWEST_PAGES, SWEEP_PAGES, Look, Memory, look
from ecom_platform_tests.samples import utc

NOW = utc("2020-04-01 12:00")


class ManyObjects:
    """A landing area of many keys, a thousand a page, that counts what it is asked."""

    def __init__(self, *keys: str) -> None:
        self.keys = list(keys)
        self.requests = 0

    def list_some(self, prefix: str, after: str, pages: int) -> tuple[list[LandingObject], str]:
        keys = sorted(key for key in self.keys if key.startswith(prefix) and key > after)
        shown = keys[: 1000 * pages]
        self.requests += max(1, -(-len(shown) // 1000))
        return [LandingObject(key, 1, NOW) for key in shown], shown[-1] if len(keys) > len(
            shown
        ) else ""


def looks(landing: ManyObjects, memory: Memory, count: int) -> tuple[list[set[str]], Memory]:
    """So many looks one after the other: the keys that each saw, and the last one's memory."""
    seen = []
    for _ in range(count):
        one: Look = look(landing, memory)  # type: ignore[arg-type]  # all that a look asks for
        seen.append({f.key for f in one.found})
        memory = one.memory
    return seen, memory


def numbered(first: int, last: int) -> list[str]:
    return [f"events/{n:06d}.csv" for n in range(first, last)]


def test_a_look_at_few_objects_sees_all_of_them() -> None:
    landing = ManyObjects(*numbered(0, 2500))
    seen = look(landing, Memory())  # type: ignore[arg-type]
    assert (len(seen.found), seen.is_whole, landing.requests) == (2500, True, 3)
    assert seen.memory == Memory()


def test_looks_at_many_objects_see_all_of_them_in_bounded_requests_each() -> None:
    landing = ManyObjects(*numbered(0, 10_000))
    seen, memory = looks(landing, Memory(), 4)
    assert set().union(*seen[:2]) == set(landing.keys)
    assert landing.requests <= 4 * (SWEEP_PAGES + NEWEST_PAGES)
    # A key that sorts anywhere is found by the next sweep.
    landing.keys.append("events/000500-late.csv")
    assert "events/000500-late.csv" in set().union(*looks(landing, memory, 2)[0])


def test_the_newest_keys_are_seen_by_every_look_however_many_are_older() -> None:
    landing = ManyObjects(*numbered(0, 30_000))
    _, memory = looks(landing, Memory(), 8)
    for n in range(30_000, 30_010):
        landing.keys.append(f"events/{n:06d}.csv")
        (seen,), memory = looks(landing, memory, 1)
        assert landing.keys[-1] in seen
        assert set(numbered(n - 900, n)) <= seen  # those that came a little out of order, too


def test_when_the_newest_objects_are_deleted_the_end_is_found_again() -> None:
    landing = ManyObjects(*numbered(0, 30_000))
    _, memory = looks(landing, Memory(), 8)
    del landing.keys[20_000:]
    _, memory = looks(landing, memory, 8)
    landing.keys.append("events/020000.csv")
    assert "events/020000.csv" in looks(landing, memory, 1)[0][0]
