"""The shop's products: id, category, brand and price by date, the same for a seed for ever.

Belongs here: what is said of a product. Not here: which product a user looks at (sessions.py).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from ecom_platform.generator import calibration, names
from ecom_platform.generator.categories import GUIDE_SIZE, Categories, build_categories
from ecom_platform.generator.streams import Ints, Purpose, Stream, scale
from ecom_platform.generator.zipf import exponents, popularity, zipf_ranks

BRANDS = 4_100
NO_BRAND = -1
_WAVE = np.array([round(1024 * math.sin(math.pi * step / 32)) for step in range(64)])


@dataclass(frozen=True, eq=False)
class Catalogue:
    """One entry a product, ordered by category and popularity (rank) within it.

    Attributes:
        categories: the categories.
        first: index of the first product of each category.
        product_id: 7 or 8 digits, different for each product.
        category: index of its category.
        rank: popularity within the category, 0 the most popular.
        brand: index into `brand_names`, or NO_BRAND.
        brand_names: all brands.
        base_cents: price about which it drifts.
    """

    categories: Categories
    first: Ints
    product_id: Ints
    category: Ints
    rank: Ints
    brand: Ints
    brand_names: tuple[str, ...]
    base_cents: Ints

    def cents_on(self, ordinal: int) -> Ints:
        """Price of every product on a date (proleptic ordinal), in cents.

        A price stays for 3 to 14 days, then takes a small step along a slow wave of up to 6 %.
        """
        index = np.arange(len(self.product_id))
        days_a_step = 3 + index % 12
        step = (ordinal + index % 7) // days_a_step
        swing = _WAVE[(5 * step + index % 61) & 63] * (index % 7)
        cents: Ints = self.base_cents + self.base_cents * swing // (100 * 1024)
        return np.clip(cents, 77, calibration.MAX_PRICE_CENTS, out=cents)


@lru_cache(maxsize=2)
def build_catalogue(seed: int) -> Catalogue:
    """Make the catalogue of a seed: 690 categories, some 263,600 products, 4,100 brands."""
    categories = build_categories(seed)
    sizes = categories.sizes
    first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    category = np.repeat(np.arange(len(sizes)), sizes)
    rank = np.arange(len(category)) - first[category]
    stream = Stream(seed, Purpose.PRODUCTS)
    brand_names = _brand_names(seed)
    brand = _brands(stream, categories, category, brand_names)
    brand[_without_brand(categories, first)] = NO_BRAND
    return Catalogue(
        categories=categories,
        first=first,
        # Five digits below a category's own prefix; 99,991 is prime, so no number comes twice.
        product_id=(10 + category) * 100_000 + (rank * 48_271 + 4_856) % 99_991,
        category=category,
        rank=rank,
        brand=brand,
        brand_names=brand_names,
        base_cents=_base_cents(stream, categories, category, rank),
    )


def _brand_names(seed: int) -> tuple[str, ...]:
    known = dict.fromkeys(
        brand for department in names.departments() for brand in names.known_brands(department)
    )
    return (*known, *names.invented_brands(seed, BRANDS - len(known)))


def _brands(
    stream: Stream, categories: Categories, category: Ints, brand_names: tuple[str, ...]
) -> Ints:
    """A brand for each product: a category's own choice of brands, the first most often."""
    position = {name: index for index, name in enumerate(brand_names)}
    counts = np.clip(categories.sizes // 9, 4, 60)
    counts[0] = 24  # smartphones: few makers share the market
    shelf_start = np.concatenate([[0], np.cumsum(counts)[:-1]])
    shelves = stream.below(len(brand_names), int(counts.sum()))
    for index, department in enumerate(categories.departments):
        known = names.known_brands(department)
        turned = [known[(index + step) % len(known)] for step in range(len(known))]
        leaders = known if index == 0 else turned[: int(counts[index]) // 4]
        start = int(shelf_start[index])
        shelves[start : start + len(leaders)] = [position[name] for name in leaders]
    bits = stream.words(len(category)).astype(np.uint32)
    place = zipf_ranks(bits, exponents(counts)[category], counts[category])
    return shelves[shelf_start[category] + place]


def _without_brand(categories: Categories, first: Ints) -> Ints:
    """Products without a brand, so that each category's share of events is as it should be.

    Walking down the ranks of all categories at once, the share still owed is handed to the next
    product that it covers: a random choice would depend on whether a bestseller is hit.
    """
    sizes = categories.sizes
    weight = popularity(int(sizes.max()))
    owed = np.zeros(len(sizes), dtype=np.int64)
    chosen = []
    alive = np.arange(len(sizes))
    for rank in range(int(sizes.max())):
        alive = alive[sizes[alive] > rank]
        owed[alive] += weight[rank] * categories.null_brand_permille[alive] // 1000
        hit = alive[owed[alive] >= weight[rank]]
        owed[hit] -= weight[rank]
        chosen.append(first[hit] + rank)
    return np.concatenate(chosen)


def _base_cents(stream: Stream, categories: Categories, category: Ints, rank: Ints) -> Ints:
    """Prices spread about the category's usual one, with the published mean over all events."""
    normal = NormalDist(0, 0.5).inv_cdf
    spread = np.array([round(1000 * math.exp(normal((i + 0.5) / 4096))) for i in range(4096)])
    draws = scale(stream.words(len(category)).astype(np.uint32), 4096)
    cents = categories.median_cents[category] * spread[draws] // 1000
    cents = np.minimum(cents, calibration.MAX_PRICE_CENTS)
    weight = popularity(int(categories.sizes.max()))[rank].astype(np.float64)
    totals = np.bincount(category, weights=weight)
    event_share = weight / totals[category] * categories.weights[category] / GUIDE_SIZE
    factor = round(calibration.MEAN_PRICE_CENTS / float((cents * event_share).sum()), 3)
    calibrated: Ints = np.round(cents * factor).astype(np.int64)
    return calibrated
