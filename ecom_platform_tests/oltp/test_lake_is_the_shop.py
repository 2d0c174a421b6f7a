"""Whatever happens to the shop and its files, the lake holds what the database holds.

All six tables of a real PostgreSQL, replicated from its log; and the fact is the one that the same
events make as lines of a file, ids, devices and channels aside.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ecom_platform_tests.oltp.living_shop import LivingShop

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyspark.sql import SparkSession

    from ecom_platform_tests.oltp.conftest import NewDatabase

# A busy day: with some hundred transactions every kind of them happens.
_BUSY = [
    ("flush", 1), ("live", 120), ("flush", 1), ("fold", 1), ("live", 60), ("flush", 1),
    ("repeat", 0), ("live", 60),
]  # fmt: skip
ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("live"), st.integers(1, 60)),
        st.tuples(st.sampled_from(["flush", "reload", "fold"]), st.just(1)),
        st.tuples(st.just("repeat"), st.integers(0, 20)),
    ),
    min_size=2,
    max_size=12,
)


def assert_the_lake_is_the_shop(
    url: str, actions: Sequence[tuple[str, int]], spark: SparkSession
) -> None:
    with tempfile.TemporaryDirectory(prefix="ecom-living-") as folder:
        shop = LivingShop(url, Path(folder), spark)
        shop.flush()
        for what, how_much in actions:
            shop.act(what, how_much)
        shop.end()
        for table, (there, here) in shop.tables().items():
            assert here == there, table
        from_tables, from_lines = shop.facts()
        assert len(from_tables) > 1000
        assert from_tables == from_lines


def test_after_a_busy_day_the_lake_is_the_shop(
    new_database: NewDatabase, loaded_template: str, spark: SparkSession
) -> None:
    assert_the_lake_is_the_shop(new_database(loaded_template), _BUSY, spark)


@pytest.mark.slow
@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(actions=ACTIONS)
def test_after_any_history_the_lake_is_the_shop(
    new_database: NewDatabase,
    loaded_template: str,
    spark: SparkSession,
    actions: Sequence[tuple[str, int]],
) -> None:
    assert_the_lake_is_the_shop(new_database(loaded_template), actions, spark)
