"""Folding changes gives the database, whatever order files come in, and however often."""

from __future__ import annotations

import datetime as dt
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecom_platform.contracts.oltp import RAW_OLTP, SHOP_TABLES
from ecom_platform.landing.dms.keys import parse_key
from ecom_platform.landing.dms.reader import read_dms
from ecom_platform.transforms.oltp.fold import count_fates, fold_changes, judge_changes
from ecom_platform_tests.samples import collect

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

BRANDS = SHOP_TABLES["brands"]
BEGIN = dt.datetime(2020, 4, 15, 10, tzinfo=dt.UTC)
ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(1, 4), st.sampled_from("abc")),
        st.tuples(st.just("delete"), st.integers(1, 4), st.none()),
        st.tuples(st.just("renumber"), st.integers(1, 4), st.integers(1, 4)),
        st.tuples(st.just("flush"), st.none(), st.none()),
        st.tuples(st.just("resend"), st.none(), st.none()),
        st.tuples(st.just("load"), st.none(), st.none()),
    ),
    max_size=25,
)


@dataclass
class Database:
    """A table in memory, with a replicator that writes DMS's files of its changes.

    Attributes:
        rows: what the table holds: names of brands by number.
        files: what was written, by key; a new full load replaces the files of the old one.
        read: what a reader has read: versions of files, of older full loads too.
    """

    times: bool
    sequences: bool
    rows: dict[int, str] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    read: dict[str, str] = field(default_factory=dict)
    began_at: dt.datetime | None = None
    clock: int = 0

    def tick(self) -> dt.datetime:
        self.clock += 1
        return BEGIN + dt.timedelta(seconds=self.clock)

    def change(self, op: str, number: int, name: str | None) -> None:
        self.clock += 1
        self.changes.append(self._line(op, number, name or "NULL", f"{self.clock:035d}"))

    def _line(self, op: str, number: int, name: str, sequence: str) -> str:
        at = BEGIN + dt.timedelta(seconds=self.clock)
        parts = [op, f"{at:%Y-%m-%d %H:%M:%S.%f}" if self.times else None, str(number), name]
        parts.append(sequence if self.sequences else None)
        return ",".join(part for part in parts if part is not None) + "\n"

    def act(self, what: str, number: Any, value: Any) -> None:
        if what == "put":
            self.change("U" if number in self.rows else "I", number, value)
            self.rows[number] = value
        elif what == "delete" and number in self.rows:
            self.change("D", number, None)
            del self.rows[number]
        elif what == "renumber" and number in self.rows and value not in self.rows:
            self.rows[value] = self.rows.pop(number)
            self.change("D", number, None)
            self.change("I", value, self.rows[value])
        elif what == "flush" and self.changes:
            self.write(f"{self.tick():%Y%m%d-%H%M%S}000.csv", "".join(self.changes))
            self.changes.clear()
        elif what == "resend" and self.files:
            # A restart from a checkpoint: all changes since the load, under another name.
            again = [text for key, text in sorted(self.files.items()) if "LOAD" not in key]
            self.write(f"{self.tick():%Y%m%d-%H%M%S}500.csv", "".join([*again, *self.changes]))
            self.changes.clear()
        elif what == "load":
            self.load()

    def load(self) -> None:
        self.began_at = self.tick()
        self.changes.clear()
        self.files.clear()
        lines = [self._line("I", n, name, "NULL") for n, name in self.rows.items()]
        self.write("LOAD00000001.csv", "".join(lines))

    def write(self, name: str, text: str) -> None:
        self.files[f"dms/shop/brands/{name}"] = text
        self.read[f"dms/shop/brands/{name}"] = text


def raw_rows(database: Database) -> list[dict[str, Any]]:
    """Everything that was read, as the raw table holds it."""
    parts = []
    for name, text in database.read.items():
        key = parse_key(name)
        assert key is not None
        found = read_dms(io.BytesIO(text.encode()), key, BRANDS).rows
        written = key.written_at or database.began_at
        beside = {"is_full_load": key.is_full_load, "written_at": written, "source_object": name}
        beside |= {"object_version": "v", "ingested_at": BEGIN}
        parts += [{**row, **beside} for row in found.to_pylist()]
    return parts


def frame(spark: SparkSession, rows: list[dict[str, Any]]) -> DataFrame:
    contract = RAW_OLTP["brands"]
    if not rows:
        return spark.createDataFrame([], contract.spark_schema)
    return spark.createDataFrame(pa.Table.from_pylist(rows, contract.arrow_schema))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(actions=ACTIONS, times=st.booleans(), sequences=st.booleans(), chance=st.randoms())
def test_folded_changes_are_the_database_after_any_history(
    spark: SparkSession,
    actions: Sequence[tuple[str, Any, Any]],
    times: bool,
    sequences: bool,
    chance: Any,
) -> None:
    database = Database(times, sequences)
    database.load()
    for action in actions:
        database.act(*action)
    database.act("flush", None, None)
    rows = raw_rows(database)
    chance.shuffle(rows)
    judged = judge_changes(frame(spark, rows), BRANDS.key, database.began_at)
    folded = collect(fold_changes(judged, BRANDS.schema.names))
    assert {row["brand_id"]: row["brand_name"] for row in folded} == database.rows
    assert len(folded) == len(database.rows)
    fates = collect(count_fates(judged))
    counts = Counter(row["source_object"] for row in rows)
    assert {row["source_object"]: row["row_count"] for row in fates} == counts
    assert sum(row["applied_count"] for row in fates) == len(database.rows)
    assert all(
        row["row_count"] == row["applied_count"] + row["superseded_count"] + row["deleted_count"]
        for row in fates
    )


def test_without_an_order_in_some_changes_of_a_row_the_commits_decide(spark: SparkSession) -> None:
    def change(second: int, name: str, sequence: str | None) -> dict[str, Any]:
        return {
            "op": "U", "committed_at": BEGIN + dt.timedelta(seconds=second), "change_seq": sequence,
            "is_full_load": False, "written_at": BEGIN, "source_object": name, "source_row": 1,
            "object_version": "v", "ingested_at": BEGIN, "brand_id": 1, "brand_name": name,
        }  # fmt: skip

    rows = [change(1, "with", "9" * 35), change(2, "without", None)]
    judged = judge_changes(frame(spark, rows), BRANDS.key, None)
    assert collect(fold_changes(judged, ["brand_name"])) == [{"brand_name": "without"}]
