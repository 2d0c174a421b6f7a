"""The lineage of the contracts is true: another value in a source column changes what it says.

Each transform gets rows, then the same rows with one value changed; the columns of its result
that differ must be those whose lineage names that column, no more and no fewer.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from pyspark.sql import functions as F

from ecom_platform.contracts import TABLES
from ecom_platform.contracts.lineage import ColumnRef
from ecom_platform.transforms.clean import clean_events, divide_events, reject_events
from ecom_platform_tests.samples import RAW_ROW, Row, utc
from ecom_platform_tests.transforms.lineage_probe import Probe, observe
from ecom_platform_tests.transforms.marts.test_lineage import PROBES as PROBES_OF_THE_PROFILE
from ecom_platform_tests.transforms.marts.test_mart_lineage import PROBES as PROBES_OF_MARTS
from ecom_platform_tests.transforms.model.test_lineage import PROBES as PROBES_OF_THE_MODEL
from ecom_platform_tests.transforms.oltp.test_lineage import PROBES as PROBES_OF_THE_SHOP

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

REJECTED_AT = utc("2020-04-02 03:04")
CLEAN_ROW: Row = {**RAW_ROW, "event_id": 7}
NOT_PAID: Row = {**RAW_ROW, "price": Decimal("-1.00")}
NO_TYPE: Row = {**NOT_PAID, "event_type": "View"}
NO_SESSION: Row = {**NO_TYPE, "user_session": None}

PROBES = {
    "clean_events": Probe(
        lambda raw_events: clean_events(divide_events(raw_events)), [{"raw_events": [RAW_ROW]}]
    ),
    "rejected_events": Probe(
        lambda raw_events: reject_events(divide_events(raw_events), REJECTED_AT),
        # For each rule a row that breaks it, and the later ones too.
        [{"raw_events": [row]} for row in (NO_SESSION, NO_TYPE, NOT_PAID)],
        told_by="reason",
    ),
}


@pytest.mark.parametrize("table", PROBES)
def test_exactly_the_columns_that_lineage_names_depend_on_a_source_column(
    spark: SparkSession, table: str
) -> None:
    observed = observe(spark, PROBES[table])
    for column in TABLES[table]:
        assert observed[column.name] == set(column.sources), column.name


def test_every_table_that_is_made_from_others_is_probed() -> None:
    derived = {name for name, contract in TABLES.items() if contract.lineage}
    elsewhere = (PROBES_OF_THE_MODEL, PROBES_OF_THE_PROFILE, PROBES_OF_MARTS, PROBES_OF_THE_SHOP)
    assert derived == set(PROBES).union(*elsewhere), "write a Probe for it"


def test_the_probe_sees_what_a_column_is_made_of(spark: SparkSession) -> None:
    probe = Probe(
        lambda clean: clean.select(
            F.concat("brand", F.lit("-"), "category_code").alias("both"),
            F.lit(1).alias("constant"),
        ).where("both LIKE 's%'"),
        [{"clean_events": [CLEAN_ROW]}],
    )
    # The filter takes the row away when the brand changes, and so says nothing of the brand.
    assert observe(spark, probe) == {"both": {ColumnRef("clean_events", "category_code")}}


def test_the_probe_knows_groups_by_their_key(spark: SparkSession) -> None:
    rows = [CLEAN_ROW, {**CLEAN_ROW, "price": Decimal("5.00")}]
    probe = Probe(
        lambda clean: clean.groupBy("user_id").agg(F.max("price").alias("highest")),
        [{"clean_events": rows}],
        key="user_id",
    )
    assert observe(spark, probe) == {
        "user_id": {ColumnRef("clean_events", "user_id")},
        "highest": {ColumnRef("clean_events", "price")},
    }
