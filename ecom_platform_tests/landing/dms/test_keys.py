"""Names of DMS's objects say which table, which kind, and when."""

from __future__ import annotations

import pytest

from ecom_platform.landing.dms.keys import parse_key
from ecom_platform_tests.landing.dms.dms_files import utc


@pytest.mark.parametrize(
    ("name", "begins_load"),
    [
        ("LOAD00000001.parquet", True),
        ("LOAD0000000A.csv.gz", False),
        ("LOAD00000010.csv", False),
        ("SEGMENT1_LOAD00000001.csv", True),
        ("part_1/LOAD00000001.csv", True),
    ],
)
def test_a_full_load_is_known_by_its_name(name: str, begins_load: bool) -> None:
    key = parse_key(f"dms/shop/users/{name}")
    assert key is not None
    assert (key.schema, key.table, key.is_full_load) == ("shop", "users", True)
    assert key.begins_load is begins_load
    assert key.written_at is None


@pytest.mark.parametrize(
    ("name", "written_at"),
    [
        ("20141029-1134010000.csv", "2014-10-29 11:34:01"),
        ("20200415-101112345.parquet", "2020-04-15 10:11:12.345"),
        ("2020/04/15/20200415-101112345.csv.gz", "2020-04-15 10:11:12.345"),
        ("15042020/20200415-101112345.csv", "2020-04-15 10:11:12.345"),
        ("20200415-101112345-0-16B3748.parquet", "2020-04-15 10:11:12.345"),
    ],
)
def test_changes_are_known_by_their_name_wherever_they_lie(name: str, written_at: str) -> None:
    key = parse_key(f"dms/shop/users/{name}")
    assert key is not None
    assert not key.is_full_load
    assert key.written_at == utc(written_at)
    assert key.is_parquet is name.endswith(".parquet")


@pytest.mark.parametrize(
    "key",
    [
        "events/LOAD00000001.csv",
        "dms/shop/LOAD00000001.csv",
        "dms/shop/users/LOAD1.csv",
        "dms/shop/users/LOAD0000000G.csv",
        "dms/shop/users/20201315-101112345.csv",
        "dms/shop/users/notes.csv",
        "dms/shop/users/LOAD00000001.json",
    ],
)
def test_what_is_no_object_of_dms_by_its_name_is_none(key: str) -> None:
    assert parse_key(key) is None
