"""Streams of random integers, each named by a seed, a purpose and numbers such as the hour.

Belongs here: seeding and integer draws. Not here: floating point. Results of exp() differ in the
last bit between processors; integers do not, so the same seed gives the same events anywhere.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


class Purpose(IntEnum):
    """What a stream is for; streams of different purposes are independent."""

    CATEGORIES = 1
    BRANDS = 2
    PRODUCTS = 3
    PLAN = 4
    SESSIONS = 5
    RESIDENTS = 6
    RESIDENT_PLAN = 11
    RESIDENT_VISITORS = 12
    NULL_SESSIONS = 7
    LATE = 8
    LOST = 9
    MALFORMED = 10


class Stream:
    """A sequence of random 64-bit words, drawn from in order.

    Only `random_raw` of the bit generator is used: numpy keeps that sequence for ever, while the
    methods of `numpy.random.Generator` may change between versions.
    """

    def __init__(self, seed: int, purpose: Purpose, *key: int) -> None:
        self._bits = np.random.PCG64(np.random.SeedSequence([seed, int(purpose), *key]))

    def words(self, count: int) -> npt.NDArray[np.uint64]:
        """The next `count` words."""
        return np.asarray(self._bits.random_raw(count), dtype="<u8")

    def bits16(self, count: int) -> npt.NDArray[np.uint16]:
        """`count` integers from 0 to 65,535."""
        return self.words((count + 3) // 4).view("<u2")[:count]

    def below(self, bound: int, count: int) -> Ints:
        """`count` integers from 0 to `bound` - 1; `bound` is at most 2**31."""
        return scale(self.words((count + 1) // 2).view("<u4")[:count], bound)

    def one_below(self, bound: int) -> int:
        """One integer from 0 to `bound` - 1."""
        return int(self.below(bound, 1)[0])

    def rounded(self, expected: float) -> int:
        """A whole number whose mean is `expected`: rounded up or down by chance."""
        return int(expected + self.one_below(1 << 20) / (1 << 20))


def scale(bits32: npt.NDArray[np.uint32], bound: int | Ints) -> Ints:
    """Map 32-bit integers evenly onto 0 … bound - 1."""
    return (bits32.astype(np.int64) * bound) >> 32
