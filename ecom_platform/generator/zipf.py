"""Zipf-like ranks from random integers: rank k of n is drawn in proportion to log(1 + 1/k).

Belongs here: the integer arithmetic of popularity. Not here: what is ranked.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

# (n + 1) ** u for a uniform u is such a rank. In fixed point it is 2 ** (u * log2(n + 1)): a shift
# by the whole part and a table for the fraction, several times as fast as a power and exact.
_FRACTION_BITS = 14
_POWERS = np.array(
    [round(2 ** (i / (1 << _FRACTION_BITS)) * (1 << 20)) for i in range(1 << _FRACTION_BITS)],
    dtype=np.int64,
)

Ints = npt.NDArray[np.int64]


def exponents(sizes: Ints) -> Ints:
    """log2(size + 1) of each size, in 32.16 fixed point: what `zipf_ranks` takes."""
    return np.array([round(math.log2(size + 1) * (1 << 16)) for size in sizes.tolist()])


def zipf_ranks(bits32: npt.NDArray[np.uint32], exponent: Ints, size: Ints) -> Ints:
    """Draw ranks from 0 to size - 1, low ranks most often.

    Args:
        bits32: uniform random 32-bit integers.
        exponent: `exponents` of the size that each is drawn from.
        size: how many ranks each is drawn from.
    """
    power = (bits32.astype(np.int64) * exponent) >> 32
    fraction = _POWERS[(power & 0xFFFF) >> (16 - _FRACTION_BITS)]
    rank: Ints = ((fraction << (power >> 16)) >> 20) - 1
    return np.minimum(rank, size - 1, out=rank)


def popularity(ranks: int) -> Ints:
    """Relative frequency of ranks 0 to `ranks` - 1, in units of 2**-40 (log2 of 1 + 1/k)."""
    weights = [math.log2((rank + 2) / (rank + 1)) for rank in range(ranks)]
    return np.array([round(weight * (1 << 40)) for weight in weights], dtype=np.int64)
