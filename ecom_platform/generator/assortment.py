"""What a shop of a given size offers: the popular part of the catalogue, with prices by date.

Belongs here: how the catalogue shrinks with the volume, and zero prices. Not here: products.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecom_platform.generator import calibration
from ecom_platform.generator.catalogue import Catalogue
from ecom_platform.generator.categories import GUIDE_SIZE
from ecom_platform.generator.streams import Ints
from ecom_platform.generator.zipf import exponents, zipf_ranks

# A price of zero lasts this long; a product that gets this share of all events never has one,
# or the share of zero prices would depend on a single bestseller.
_ZERO_DAYS = 3
_ZERO_MAX_SHARE = 2e-4


@dataclass(frozen=True, eq=False)
class Assortment:
    """The products on offer.

    Attributes:
        catalogue: all products; indexes refer to it.
        sizes: how many products of each category are on offer, the most popular ones.
        exponents: `zipf.exponents` of the sizes.
        guide: from a random 16-bit number to a category.
        zero_from_rank: lowest rank, by category, that may have a price of zero.
        zero_chance: parts of 2**32 of those that have one.
    """

    catalogue: Catalogue
    sizes: Ints
    exponents: Ints
    guide: npt.NDArray[np.int16]
    zero_from_rank: Ints
    zero_chance: int

    def pick(self, bits32: npt.NDArray[np.uint32], category: npt.NDArray[np.integer]) -> Ints:
        """A product of each of the given categories, by popularity."""
        rank = zipf_ranks(bits32, self.exponents[category], self.sizes[category])
        rank += self.catalogue.first[category]
        return rank

    def offered(self) -> Ints:
        """Indexes of all products on offer."""
        return np.flatnonzero(self.catalogue.rank < self.sizes[self.catalogue.category])

    def cents_on(self, ordinal: int) -> Ints:
        """Price of every product on a date (proleptic ordinal), in cents; some are zero."""
        catalogue = self.catalogue
        cents = catalogue.cents_on(ordinal)
        period = ordinal // _ZERO_DAYS
        mixed = np.arange(len(cents)) * 0x1E3779B1 + period * 0x05EBCA77
        mixed = (mixed & 0xFFFFFFFF) * 0x2C1B3C6D
        mixed = ((mixed >> 15) ^ mixed & 0xFFFFFFFF) * 0x297A2D39
        chance = (mixed >> 13) & 0xFFFFFFFF
        is_tail = catalogue.rank >= self.zero_from_rank[catalogue.category]
        cents[is_tail & (chance < self.zero_chance)] = 0
        return cents


def build_assortment(catalogue: Catalogue, monthly_rows: float) -> Assortment:
    """The products that a shop with so many events a month offers."""
    fraction = min(1.0, (monthly_rows / calibration.MONTH_ROWS) ** calibration.CATALOGUE_EXPONENT)
    sizes = np.maximum(np.ceil(catalogue.categories.sizes * fraction), 3).astype(np.int64)
    zero_from, tail_share = [], 0.0
    for weight, size in zip(catalogue.categories.weights.tolist(), sizes.tolist(), strict=True):
        share = weight / GUIDE_SIZE
        bits = math.log2(size + 1)
        rank = max(4, math.ceil(share / (bits * math.log(2) * _ZERO_MAX_SHARE)))
        zero_from.append(rank)
        tail_share += share * max(0.0, 1 - math.log2(rank + 1) / bits)
    # A shop so small that it has no tail has no zero prices either.
    chance = min(0.5, calibration.ZERO_PRICE_SHARE / tail_share) if tail_share else 0.0
    return Assortment(
        catalogue=catalogue,
        sizes=sizes,
        exponents=exponents(sizes),
        guide=catalogue.categories.guide(),
        zero_from_rank=np.array(zero_from, dtype=np.int64),
        zero_chance=round(chance * (1 << 32)),
    )
