"""The shop's categories: their ids, codes, popularity, number of products and null brands.

Belongs here: what is said of a category. Not here: its products (catalogue.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecom_platform.generator import calibration, names
from ecom_platform.generator.streams import Ints, Purpose, Stream

CODED = 281
UNCODED = 409
GUIDE_SIZE = 1 << 16
PRODUCTS = 263_600
_SMARTPHONES_SHARE = 0.24
_SMARTPHONES = 1_500


@dataclass(frozen=True, eq=False)
class Categories:
    """One entry a category; the first CODED have a code, the rest never have one.

    Attributes:
        ids: 19-digit category ids.
        codes: category code, None where there is none.
        departments: first part of the code; of a category without one, the nearest department.
        weights: how many of 65,536 random numbers lead to it.
        sizes: number of products.
        null_brand_permille: share of its events whose product has no brand.
        median_cents: price around which its products lie, before calibration.
    """

    ids: Ints
    codes: tuple[str | None, ...]
    departments: tuple[str, ...]
    weights: Ints
    sizes: Ints
    null_brand_permille: Ints
    median_cents: Ints

    def guide(self) -> npt.NDArray[np.int16]:
        """Table from a random 16-bit number to a category, by popularity."""
        return np.repeat(np.arange(len(self.ids), dtype=np.int16), self.weights)


def build_categories(seed: int) -> Categories:
    """Make the categories of a seed."""
    stream = Stream(seed, Purpose.CATEGORIES)
    by_popularity = _codes_by_popularity()
    codes = [by_popularity[index % len(by_popularity)] for index in range(CODED)]
    strays = stream.below(len(names.departments()), UNCODED).tolist()
    weights = _weights()
    medians = [100 * names.usual_price(code) for code in codes]
    medians += (2_000 + stream.below(12_000, UNCODED)).tolist()
    return Categories(
        ids=_ids(stream),
        codes=(*codes, *(None for _ in range(UNCODED))),
        departments=(
            *(code.split(".")[0] for code in codes),
            *(names.departments()[index] for index in strays),
        ),
        weights=weights,
        sizes=_sizes(weights),
        null_brand_permille=_null_brands(stream, weights),
        median_cents=np.array(medians, dtype=np.int64),
    )


def _codes_by_popularity() -> list[str]:
    """Codes of all departments merged, those at the head of large departments first."""
    seen = dict.fromkeys(names.departments(), 0)
    scores = {}
    for code in names.category_codes():
        department = code.split(".")[0]
        seen[department] += 1
        scores[code] = seen[department] * (1 + list(seen).index(department) / 2)
    return sorted(scores, key=lambda code: scores[code])


def _ids(stream: Stream) -> Ints:
    """Different 19-digit ids, none of which a double holds exactly."""
    spread = stream.words(CODED + UNCODED).astype(np.object_) % 119_000_000_000_000_000
    ids = np.unique(2_053_013_550_000_000_001 + spread.astype(np.int64) // 2 * 2)
    assert len(ids) == CODED + UNCODED, "two categories drew one id; choose another seed"
    return ids[np.argsort(stream.words(len(ids)))]


def _weights() -> Ints:
    """Parts of 65,536 by category: smartphones first, then a long tail in either group."""
    null_code = calibration.NULL_CODE_SHARE
    tail = np.array([(rank + 6) ** -1.35 for rank in range(CODED - 1)])
    coded = tail / tail.sum() * (1 - null_code - _SMARTPHONES_SHARE)
    tail = np.array([(rank + 5) ** -1.2 for rank in range(UNCODED)])
    shares = np.concatenate([[_SMARTPHONES_SHARE], coded, tail / tail.sum() * null_code])
    weights: Ints = np.maximum(np.round(shares * GUIDE_SIZE), 1).astype(np.int64)
    weights[0] += GUIDE_SIZE - weights.sum()
    return weights


def _sizes(weights: Ints) -> Ints:
    """Products by category: popular categories have more, but not in proportion."""
    relative = np.array([weight**0.5 for weight in weights.tolist()])
    relative[0] = 0
    sizes: Ints = np.round(relative / relative.sum() * (PRODUCTS - _SMARTPHONES)).astype(np.int64)
    sizes[0] = _SMARTPHONES
    return sizes


def _null_brands(stream: Stream, weights: Ints) -> Ints:
    """Permille by category: hardly any smartphones, a quarter where there is no code."""
    coded = 30 + stream.below(260, CODED)
    coded[0] = 2
    rates = np.concatenate([coded, 100 + stream.below(340, UNCODED)])
    mean = int((rates * weights).sum()) / GUIDE_SIZE / 1000
    permille: Ints = np.round(rates * (calibration.NULL_BRAND_SHARE / mean)).astype(np.int64)
    return permille
