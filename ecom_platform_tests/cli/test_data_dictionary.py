"""The data dictionary: what stands on the page, and what it refuses to leave out."""

from __future__ import annotations

import dataclasses
import re

import pandera.pyspark as pandera
import pyspark.sql.types as T
import pytest

from ecom_platform.cli.data_dictionary import (
    DescribedCheck,
    missing_words,
    render_data_dictionary,
)
from ecom_platform.contracts import TABLES
from ecom_platform.contracts.lineage import MADE_HERE, made_from
from ecom_platform.contracts.reasons import EVENT_REASONS, LINE_REASONS, REFUSAL_REASONS
from ecom_platform.contracts.table import TableContract


class Cups(pandera.DataFrameModel):
    """Cups on
    a shelf.

    Some are red.
    """

    cup_id: T.LongType = pandera.Field(gt=0, description="The cup.")
    colour: T.StringType = pandera.Field(isin=["red", "blue"], description="Red | or blue.")
    size: T.IntegerType = pandera.Field(
        nullable=True, ge=1, le=9, description="Its size.", metadata={"unit": "cm", "pii": True}
    )


CUPS = TableContract(
    name="cups",
    layer="model",
    grain="one cup",
    key=("cup_id", "size"),
    cadence="never",
    model=Cups,
    partition_by=None,
    row_rules=(("red_cups_are_small", "colour = 'red' AND size > 3"),),
    lineage={
        "cup_id": made_from("raw_events", "product_id"),
        "colour": made_from("raw_events", "brand", "price") + made_from("clean_events", "brand"),
        "size": MADE_HERE,
    },
)
CHECKS = {
    "cups": [
        DescribedCheck("row_rules", "All agree.", True),
        DescribedCheck("enough", "There are enough.", False),
    ]
}


@pytest.fixture(scope="module")
def page() -> str:
    return render_data_dictionary([*TABLES.values(), CUPS], CHECKS)


def section(page: str, table: str) -> str:
    return page.split(f"\n## {table}\n", 1)[1].split("\n## ", 1)[0]


def test_a_table_is_described_from_grain_to_checks(page: str) -> None:
    assert section(page, "cups") == (
        """
Cups on a shelf.

Some are red.

- **Layer:** model
- **Grain:** one cup
- **Key:** `cup_id`, `size`
- **Refreshed:** never
- **Partitioned by:** nothing
- **Made from:** [raw_events](#raw_events), [clean_events](#clean_events)

| column | type | unit | null | meaning | accepted | from | PII |
| --- | --- | --- | --- | --- | --- | --- | --- |
| `cup_id` | bigint |  |  | The cup. | > 0 | raw_events: `product_id` |  |
| `colour` | string |  |  | Red \\| or blue. | red, blue | """
        """raw_events: `brand`, `price`; clean_events: `brand` |  |
| `size` | int | cm | may be null | Its size. | ≥ 1; ≤ 9 |  | yes |

What columns of a row say of each other; no row may satisfy one of these:

| rule | SQL of a bad row |
| --- | --- |
| `red_cups_are_small` | `colour = 'red' AND size > 3` |

### Checks of cups

| check | severity | what it asks |
| --- | --- | --- |
| `row_rules` | blocking | All agree. |
| `enough` | warning | There are enough. |
"""
    )


def test_every_table_and_every_column_has_its_row(page: str) -> None:
    for name, contract in TABLES.items():
        rows = re.findall(r"^\| `(\w+)` \| [a-z0-9(),<>:]+ \|", section(page, name), re.MULTILINE)
        assert rows[: len(contract.column_names)] == contract.column_names, name


def test_every_reason_is_explained_where_it_stands(page: str) -> None:
    rejected, refused = section(page, "rejected_events"), section(page, "landing_objects")
    for reason, meaning in {**LINE_REASONS, **EVENT_REASONS}.items():
        assert re.search(
            rf"^\| `{reason}` \| (raw|clean) \| {re.escape(meaning)}", rejected, re.MULTILINE
        )
    assert "| `price_not_positive` | clean | The price is zero or negative. `price <= 0` |" in page
    for reason, meaning in REFUSAL_REASONS.items():
        assert f"| `{reason}` | refused | {meaning} |" in refused


def test_tables_stand_by_layer_in_the_order_of_the_register(page: str) -> None:
    tables = re.findall(r"^## ([a-z_]+)$", page, re.MULTILINE)
    assert tables == [
        table.name
        for layer in ("raw", "clean", "model", "marts", "features", "ledger")
        for table in [*TABLES.values(), CUPS]
        if table.layer == layer
    ]
    overview = page.split("\n## Tables\n")[1].split("\n## ")[0]
    assert re.findall(r"^\| \[(\w+)\]", overview, re.MULTILINE) == tables


def test_whatever_may_name_a_person_is_listed(page: str) -> None:
    personal = page.split("\n## Personal data\n")[1].split("\n## ")[0]
    assert "| [rejected_events](#rejected_events) | `line` |" in personal
    assert "| [cups](#cups) | `size` |" in personal
    assert "publications" not in personal


def test_nothing_lacks_words_where_all_is_described() -> None:
    assert missing_words([*TABLES.values(), CUPS], CHECKS) == []


def test_a_table_a_column_and_a_check_without_words_are_named() -> None:
    class Bare(pandera.DataFrameModel):
        a: T.LongType = pandera.Field()
        b: T.LongType = pandera.Field(description="B.")

    Bare.__doc__ = None
    bare = dataclasses.replace(CUPS, name="bare", model=Bare, grain="", key=(), cadence="")
    assert missing_words([CUPS, bare], {"bare": [DescribedCheck("mute", "", True)]}) == [
        "bare has no docstring of its model: write it in its contract",
        "bare has no grain: write it in its contract",
        "bare has no key: write it in its contract",
        "bare has no cadence: write it in its contract",
        "bare.a has no description: write it in the contract's model",
        "the check mute of bare has no description",
    ]
