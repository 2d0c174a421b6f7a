"""Products: stable for a seed, whatever the volume, with the published shares by construction."""

from __future__ import annotations

import numpy as np
import pytest

from ecom_platform.generator.assortment import build_assortment
from ecom_platform.generator.calibration import MONTH_ROWS
from ecom_platform.generator.catalogue import NO_BRAND, build_catalogue
from ecom_platform.generator.categories import CODED, GUIDE_SIZE
from ecom_platform.generator.names import category_codes, invented_brands
from ecom_platform.generator.zipf import exponents, popularity, zipf_ranks

CATALOGUE = build_catalogue(42)


def test_ids_are_unique_and_category_ids_have_19_digits() -> None:
    assert len(np.unique(CATALOGUE.product_id)) == len(CATALOGUE.product_id)
    ids = CATALOGUE.categories.ids.tolist()
    assert len(set(ids)) == 690
    assert {len(str(category_id)) for category_id in ids} == {19}
    assert all(int(float(category_id)) != category_id for category_id in ids)


def test_some_codes_belong_to_several_categories_and_many_categories_have_none() -> None:
    codes = CATALOGUE.categories.codes
    assert codes.count(None) == 409
    assert len(set(codes[:CODED])) == len(set(category_codes())) == 135
    assert codes.count("electronics.smartphone") > 1


def test_the_catalogue_does_not_depend_on_the_volume() -> None:
    small = build_assortment(CATALOGUE, 1_000_000)
    large = build_assortment(CATALOGUE, MONTH_ROWS)
    assert set(small.offered().tolist()) < set(large.offered().tolist())
    assert len(large.offered()) == len(CATALOGUE.product_id)
    assert 40_000 < len(small.offered()) < 90_000


@pytest.mark.parametrize("monthly_rows", [100_000, 1_000_000, MONTH_ROWS])
def test_null_brands_have_their_share_at_any_volume(monthly_rows: int) -> None:
    assortment = build_assortment(CATALOGUE, monthly_rows)
    offered = assortment.offered()
    category = CATALOGUE.category[offered]
    weight = popularity(int(assortment.sizes.max()))[CATALOGUE.rank[offered]].astype(float)
    share = weight / np.bincount(category, weight)[category]
    share *= CATALOGUE.categories.weights[category] / GUIDE_SIZE
    assert share[CATALOGUE.brand[offered] == NO_BRAND].sum() == pytest.approx(0.1345, abs=0.006)


def test_a_price_stays_for_days_and_moves_in_small_steps() -> None:
    prices = np.array([CATALOGUE.cents_on(737_000 + day) for day in range(60)])
    changes = (prices[1:] != prices[:-1]).mean()
    assert 0.02 < changes < 0.3
    steps = np.abs(prices[1:] - prices[:-1]) / prices[:-1]
    assert steps.max() < 0.05


def test_another_seed_has_other_products() -> None:
    other = build_catalogue(43)
    assert not set(other.categories.ids.tolist()) & set(CATALOGUE.categories.ids.tolist())


def test_invented_brands_are_plain_words_and_unique() -> None:
    brands = invented_brands(42, 4_000)
    assert len(set(brands)) == 4_000
    assert all(brand.isalpha() and brand.islower() for brand in brands)
    assert "samsung" not in brands


def test_ranks_are_drawn_by_their_popularity() -> None:
    size = np.array([100])
    bits = np.linspace(0, 2**32 - 1, 200_000).astype(np.uint32)
    zeros = np.zeros(len(bits), dtype=int)
    ranks = zipf_ranks(bits, exponents(size)[zeros], size[zeros])
    expected = popularity(100) / popularity(100).sum()
    assert np.bincount(ranks, minlength=100) / len(bits) == pytest.approx(expected, rel=0.03)
    assert len(np.bincount(ranks)) == 100
