"""Work ahead in a thread: order, errors, and a thread that ends with its reader."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from ecom_platform.landing.prefetch import ahead


def alive() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == "landing-read-ahead"]


def test_items_come_in_order() -> None:
    assert list(ahead(iter(range(1000)), 3)) == list(range(1000))
    assert not alive()


def test_an_error_comes_in_its_place() -> None:
    def items() -> Iterator[int]:
        yield 1
        yield 2
        raise ValueError("the third")

    numbers = ahead(items(), 5)
    assert [next(numbers), next(numbers)] == [1, 2]
    with pytest.raises(ValueError, match="the third"):
        next(numbers)
    assert not alive()


def test_no_more_than_the_depth_is_prepared() -> None:
    made = 0

    def items() -> Iterator[int]:
        nonlocal made
        while True:
            made += 1
            yield made

    with closing(ahead(items(), 2)) as numbers:
        for taken in range(1, 50):
            assert next(numbers) == taken
            # Two ready, one in the hand of the thread that waits for room.
            assert made <= taken + 3


def test_closing_ends_the_threads_of_nested_readers() -> None:
    def forever() -> Iterator[int]:
        yield from iter(int, 1)

    inner = ahead(forever(), 2)
    numbers = ahead(inner, 2)
    assert next(numbers) == 0
    assert len(alive()) == 2
    numbers.close()
    assert not alive()
