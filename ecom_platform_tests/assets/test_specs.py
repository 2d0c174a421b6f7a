"""What an asset says of itself: columns with words, limits and origin, lineage along the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg
import pytest

from ecom_platform.assets.specs import asset_spec
from ecom_platform.contracts import TABLES
from ecom_platform.contracts.clean import CLEAN_EVENTS
from ecom_platform.contracts.raw import RAW_EVENTS, REJECTED_EVENTS
from ecom_platform.definitions import build_defs

if TYPE_CHECKING:
    from ecom_platform.settings import Settings

LEDGERS = ("row_ledger", "change_ledger")
LINEAGE = "dagster/column_lineage"

# definitions.py silences these for good reasons; pytest shows them again.
pytestmark = [
    pytest.mark.filterwarnings("ignore::dagster.BetaWarning"),
    pytest.mark.filterwarnings("ignore::dagster.PreviewWarning"),
]


def columns(spec: dg.AssetSpec) -> dict[str, dg.TableColumn]:
    return {column.name: column for column in spec.metadata["dagster/column_schema"].columns}


@pytest.fixture
def specs(settings: Settings) -> dict[str, dg.AssetSpec]:
    """The assets of the platform that are tables, by table."""
    defs = build_defs(settings)
    by_name = {spec.key.to_user_string(): spec for spec in defs.resolve_all_asset_specs()}
    return {name: spec for name, spec in by_name.items() if name in TABLES}


def test_every_column_of_every_asset_is_described(specs: dict[str, dg.AssetSpec]) -> None:
    assert {"raw_events", "clean_events", "rejected_events", "fact_user_events"} <= specs.keys()
    for table, spec in specs.items():
        shown = columns(spec)
        assert list(shown) == TABLES[table].column_names
        for column in TABLES[table]:
            assert shown[column.name].type == column.spark_type.simpleString()
            assert (shown[column.name].description or "").startswith(column.description)
            assert shown[column.name].constraints.nullable == column.nullable
            assert ("pii" in shown[column.name].tags) == column.is_pii


def test_a_column_shows_its_unit_its_limits_and_its_origin() -> None:
    price = columns(asset_spec(CLEAN_EVENTS, kinds=set()))["price"]
    assert price.description == (
        "Price of the product at that time. (USD)\n\nFrom [raw_events](/assets/raw_events): `price`"
    )
    assert price.constraints.other == ["> 0"]
    rejected = columns(asset_spec(REJECTED_EVENTS, kinds=set()))
    assert rejected["layer"].constraints.other == ["raw, clean"]
    assert rejected["layer"].description == "The layer that rejected it: raw or clean."


def test_dagster_holds_the_lineage_of_the_contract(specs: dict[str, dg.AssetSpec]) -> None:
    for table, spec in specs.items():
        contract = TABLES[table]
        if not contract.lineage:
            assert LINEAGE not in spec.metadata
            continue
        stored = spec.metadata[LINEAGE].deps_by_column
        assert stored.keys() == set(contract.column_names)
        for column in contract:
            deps = {(d.asset_key.to_user_string(), d.column_name) for d in stored[column.name]}
            assert deps == set(column.sources)
    assert LINEAGE not in asset_spec(RAW_EVENTS, kinds=set()).metadata


def test_columns_come_from_tables_that_their_asset_depends_on(
    specs: dict[str, dg.AssetSpec],
) -> None:
    for table, spec in specs.items():
        deps = {dep.asset_key.to_user_string() for dep in spec.deps}
        named = {source.table for sources in TABLES[table].lineage.values() for source in sources}
        # It may depend on more: on a table whose rows it is counted against.
        assert named <= deps, table
        # A ledger counts rows, and takes no column of them. Rows of raw_events come from files, and
        # some from the shop's tables: no column is of these alone.
        assert bool(named) == (bool(deps) and table not in {*LEDGERS, "raw_events"}), table
