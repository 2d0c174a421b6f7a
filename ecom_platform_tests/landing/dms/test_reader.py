"""DMS's files are read alike, whatever its settings; what cannot be read is refused by name."""

from __future__ import annotations

import gzip
import io
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecom_platform.contracts.oltp import SHOP_TABLES
from ecom_platform.landing.dms.keys import parse_key
from ecom_platform.landing.dms.reader import DmsRows, read_dms
from ecom_platform.landing.rejections import ObjectRefused
from ecom_platform_tests.landing.dms.dms_files import (
    COLUMNS,
    SEQUENCES,
    TIMES,
    Flags,
    combinations,
    file_of,
    utc,
)

PLAIN = Flags(
    parquet=False, include_op_for_full_load=True, mode="all", timestamp=True, sequence=True,
    names=False, full_load=False,
)  # fmt: skip


def read(data: bytes, table: str = "products", *, parquet: bool = False) -> DmsRows:
    suffix = "parquet" if parquet else "csv"
    key = parse_key(f"dms/shop/{table}/20200415-101112345.{suffix}")
    assert key is not None
    return read_dms(io.BytesIO(data), key, SHOP_TABLES[table])


def refusal(data: bytes, table: str = "products", *, parquet: bool = False) -> ObjectRefused:
    with pytest.raises(ObjectRefused) as refused:
        read(data, table, parquet=parquet)
    return refused.value


def parquet_of(**columns: Any) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("flags", list(combinations()), ids=str)
def test_every_combination_of_settings_is_told_from_the_file(flags: Flags) -> None:
    found = read(file_of(flags), parquet=flags.parquet)
    expected = []
    for place, (op, values) in enumerate(flags.rows):
        order = min(place, 1)
        expected.append(
            {
                "op": op,
                "committed_at": utc(TIMES[order]) if flags.timestamp else None,
                "change_seq": SEQUENCES[order] if flags.sequence and not flags.full_load else None,
                "source_row": place + 1,
                "additional": None,
                **dict(zip(COLUMNS, values, strict=True)),
            }
        )
    assert found.rows.to_pylist() == expected
    unread = ("seq",) if flags.sequence and flags.full_load and flags.names else ()
    assert found.additional == unread


def test_a_packed_file_is_read_as_a_plain_one() -> None:
    assert read(file_of(PLAIN, packed=True)) == read(file_of(PLAIN))


def test_a_file_without_rows_is_empty_and_fine() -> None:
    assert read(b"").rows.num_rows == 0
    header = file_of(replace(PLAIN, names=True)).splitlines(keepends=True)[0]
    assert read(header).rows.num_rows == 0


def test_times_before_and_after_the_tables_columns_are_told_apart() -> None:
    before = b"I,2020-04-15 10:11:12.000000,7,n,e,2019-01-01 00:00:00.000000\n"
    after = b"I,7,n,e,2019-01-01 00:00:00.000000,2020-04-15 10:11:12.000000\n"
    rows = [read(data, "users").rows.to_pylist()[0] for data in (before, after)]
    assert rows[0] == rows[1]
    assert rows[0]["committed_at"] == utc("2020-04-15 10:11:12")
    assert rows[0]["created_at"] == utc("2019-01-01 00:00:00")


def test_an_empty_null_value_is_null_where_no_text_can_be() -> None:
    (row,) = read(b"I,2,,,5,1.00,0\n").rows.to_pylist()
    assert (row["brand_id"], row["name"]) == (None, "")


def test_times_in_milliseconds_are_read() -> None:
    created = pa.array([1_586_945_472_345], pa.timestamp("ms"))
    data = parquet_of(user_id=[1], name=["n"], email=["e"], created_at=created)
    (row,) = read(data, "users", parquet=True).rows.to_pylist()
    assert row["created_at"] == utc("2020-04-15 10:11:12.345")


def test_a_column_that_was_added_passes_and_is_told() -> None:
    data = parquet_of(Op=["I"], brand_id=[1], brand_name=["b"], country=["x"])
    found = read(data, "brands", parquet=True)
    assert found.additional == ("country",)
    assert found.rows["additional"].to_pylist() == ['{"country": "x"}']
    named = read(b"Op,brand_id,brand_name,country\nI,1,b,x\n", "brands")
    assert named.additional == ("country",)


@pytest.mark.parametrize("name", ["title", None])
def test_a_column_that_was_renamed_or_dropped_is_refused_by_name(name: str | None) -> None:
    columns: dict[str, Any] = {"Op": ["I"], "brand_id": [1], **({name: ["b"]} if name else {})}
    refused = refusal(parquet_of(**columns), "brands", parquet=True)
    assert refused.reason == "missing_column"
    assert "brands lacks brand_name" in refused.detail


def test_a_type_that_does_not_fit_is_refused_by_name() -> None:
    refused = refusal(parquet_of(brand_id=["one"], brand_name=["b"]), "brands", parquet=True)
    assert (refused.reason, "brands.brand_id is int64" in refused.detail) == ("type_changed", True)
    wider = pa.array([Decimal("5.2000")], pa.decimal128(20, 4))
    price = read(parquet_of(**_product(price=wider)), parquet=True).rows["price"]
    assert str(price[0]) == "5.20", "a wider type is no loss"
    cut = pa.array([Decimal("5.2010")], pa.decimal128(20, 4))
    for values in ([1.005], cut, [True]):
        assert refusal(parquet_of(**_product(price=values)), parquet=True).reason == "type_changed"
    named = refusal(parquet_of(brand_id=[1], brand_name=[5]), "brands", parquet=True)
    assert "brands.brand_name is string, the file holds int64" in named.detail


def test_nulls_where_the_table_has_none_are_refused_but_not_in_deletes() -> None:
    assert refusal(b"I,2,x,NULL,5,NULL,0\n").reason == "missing_value"
    assert read(b"D,2,NULL,NULL,NULL,NULL,NULL\n").rows.num_rows == 1
    null_key = parquet_of(Op=["D"], brand_id=pa.array([None], pa.int64()), brand_name=["b"])
    assert refusal(null_key, "brands", parquet=True).reason == "missing_value"


@pytest.mark.parametrize("data", [b"I,2,x\n", b"X,2,x,NULL,5,1.00,0\n", b"I,a,x,NULL,5,1.00,0\n"])
def test_columns_without_names_that_fit_no_arrangement_are_refused(data: bytes) -> None:
    refused = refusal(data)
    assert refused.reason == "unknown_layout"
    assert "AddColumnName" in refused.detail


def test_damaged_files_are_refused_whole() -> None:
    parquet = file_of(replace(PLAIN, parquet=True, names=True))
    assert refusal(parquet[:-9], parquet=True).reason == "corrupt_parquet"
    assert refusal(b"", parquet=True).reason == "corrupt_parquet"
    assert refusal(gzip.compress(file_of(PLAIN))[:-9]).reason == "corrupt_gzip"
    assert refusal(b"I,2,x\nI,2\n").reason == "bad_csv"
    assert refusal(b"I,\xff,b\n", "brands").reason == "bad_csv"
    assert refusal(b"Op,brand_id,brand_id\nI,1,2\n", "brands").reason == "duplicate_column"


def test_a_refusal_repeats_no_value_of_the_file() -> None:
    cut = refusal(b"I,9,Ada Love,ada@example.com,2020-04-15 09:00:00\nI,9,Ada Love\n", "users")
    assert cut.detail == "CSV parse error: Expected 5 columns, got 3"
    header = b"Op,user_id,name,email,created_at\n"
    text = refusal(header + b"I,9,ada@example.com,x,Ada's Love\n", "users")
    assert text.detail.startswith("users.created_at is timestamp[us, tz=UTC]")
    moved = parquet_of(user_id=[9], name=["x"], email=["x"], created_at=["Ada Love"])
    details = (cut.detail, text.detail, refusal(moved, "users", parquet=True).detail)
    assert not [detail for detail in details if "ada" in detail.lower()]


def _product(**other: Any) -> dict[str, Any]:
    return {
        "product_id": [1], "name": ["n"], "brand_id": [1], "category_id": [1],
        "price": ["1.00"], "stock": [1], **other,
    }  # fmt: skip
