"""Files in DMS's format: their names, their folders, and what is in them."""

from __future__ import annotations

import datetime as dt
import gzip
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecom_platform.oltp.replicator.change_files import ChangeFiles, LastChange
from ecom_platform.oltp.replicator.columns import Layout
from ecom_platform.oltp.replicator.files import DmsFile, FileRow
from ecom_platform.oltp.replicator.names import changes_folder, load_name
from ecom_platform.oltp.replicator.options import DmsSettings
from ecom_platform.oltp.replicator.pgoutput import SourceColumn
from ecom_platform.oltp.replicator.transactions import Change, Transaction

COLUMNS = (
    SourceColumn("id", 20, -1, True),
    SourceColumn("name", 1043, 54, False),
    SourceColumn("price", 1700, (12 << 16 | 2) + 4, False),
    SourceColumn("seen_at", 1114, 6, False),
)
LAYOUT = Layout.of(COLUMNS, milliseconds=False)
AT = 1_586_945_472_345_678  # 2020-04-15 10:11:12.345678
VALUES = ("1", 'a "b", c\nd', "5.20", "2020-04-01 10:00:00.25")
BARE = ("2", None, None, None)


def file_of(folder: Path, *rows: FileRow, full_load: bool = False, **chosen: Any) -> Path:
    settings = DmsSettings(**chosen)
    path = folder / f"file{settings.suffix}"
    path.unlink(missing_ok=True)
    file = DmsFile(path, LAYOUT, settings, full_load=full_load)
    file.write(rows)
    assert not path.exists(), "nobody sees half of a file"
    file.finish()
    return path


def test_csv_has_no_header_nulls_as_a_word_and_quotes_doubled(tmp_path: Path) -> None:
    path = file_of(tmp_path, FileRow("I", AT, "9", VALUES), FileRow("D", AT, "10", BARE))
    assert path.read_text() == (
        'I,1,"a ""b"", c\nd",5.20,2020-04-01 10:00:00.25\nD,2,NULL,NULL,NULL\n'
    )


def test_csv_shows_names_time_and_sequence_when_asked(tmp_path: Path) -> None:
    path = file_of(
        tmp_path,
        FileRow("U", AT, "9", BARE),
        add_column_name=True,
        timestamp_column_name="ts",
        change_sequence_column="seq",
        csv_delimiter=";",
        csv_null_value="",
        compression_type="GZIP",
    )
    assert path.name == "file.csv.gz"
    assert gzip.decompress(path.read_bytes()).decode() == (
        "Op;ts;id;name;price;seen_at;seq\nU;2020-04-15 10:11:12.345678;2;;;;9\n"
    )


def test_parquet_has_the_types_of_the_table_and_the_time_as_text(tmp_path: Path) -> None:
    path = file_of(
        tmp_path,
        FileRow("I", AT, "9", VALUES),
        FileRow("D", AT, "10", BARE),
        data_format="parquet",
        timestamp_column_name="ts",
        change_sequence_column="seq",
    )
    table = pq.read_table(path)
    assert table.column_names == ["Op", "ts", "id", "name", "price", "seen_at", "seq"]
    assert table.schema.field("ts").type == pa.string()
    assert table.to_pylist()[0] == {
        "Op": "I",
        "ts": "2020-04-15 10:11:12.345678",
        "id": 1,
        "name": VALUES[1],
        "price": Decimal("5.20"),
        "seen_at": dt.datetime.fromisoformat("2020-04-01 10:00:00.250000"),
        "seq": "9",
    }
    assert table.to_pylist()[1]["price"] is None


def test_a_full_load_has_its_op_only_when_asked(tmp_path: Path) -> None:
    bare = file_of(tmp_path, FileRow("I", AT, None, BARE), full_load=True)
    assert bare.read_text() == "2,NULL,NULL,NULL\n"
    asked = file_of(
        tmp_path, FileRow("I", AT, None, BARE), full_load=True, include_op_for_full_load=True
    )
    assert asked.read_text() == "I,2,NULL,NULL,NULL\n"


def test_an_empty_table_has_an_empty_file(tmp_path: Path) -> None:
    assert pq.read_table(file_of(tmp_path, data_format="parquet")).num_rows == 0
    assert file_of(tmp_path).read_bytes() == b""


def test_the_counter_of_a_full_load_is_hexadecimal() -> None:
    csv = DmsSettings()
    assert [load_name(number, csv) for number in (1, 9, 10, 16)] == [
        "LOAD00000001.csv",
        "LOAD00000009.csv",
        "LOAD0000000A.csv",
        "LOAD00000010.csv",
    ]


@pytest.mark.parametrize(
    ("sequence", "delimiter", "folder"),
    [
        ("YYYYMMDD", "SLASH", "2020/04/15"),
        ("YYYYMMDDHH", "SLASH", "2020/04/15/10"),
        ("YYYYMM", "DASH", "2020-04"),
        ("MMYYYYDD", "UNDERSCORE", "04_2020_15"),
        ("DDMMYYYY", "NONE", "15042020"),
    ],
)
def test_folders_are_named_by_the_date_of_the_commit(
    sequence: Any, delimiter: Any, folder: str
) -> None:
    settings = DmsSettings(
        date_partition_enabled=True,
        date_partition_sequence=sequence,
        date_partition_delimiter=delimiter,
    )
    assert changes_folder(AT, settings) == folder
    assert changes_folder(AT, DmsSettings()) == ""


def test_changes_of_two_dates_go_into_two_folders_and_names_only_grow(tmp_path: Path) -> None:
    day = 86_400_000_000
    first, second = ("1", "a", "5.20", None), ("2", "b", None, None)
    transactions = [
        Transaction([Change("t", LAYOUT, "I", first), Change("s", LAYOUT, "I", first)], 0, 1, AT),
        Transaction([Change("t", LAYOUT, "D", second)], 0, 2, AT + day),
        # The clock went back: the sequence does not.
        Transaction([Change("t", LAYOUT, "U", first)], 0, 3, AT),
    ]
    settings = DmsSettings(date_partition_enabled=True, change_sequence_column="seq")
    files = ChangeFiles(tmp_path, settings, LastChange(AT // 1000, 5, 0))
    assert files.write(transactions) == 4
    by_name = sorted(tmp_path.rglob("*.csv"), key=lambda path: path.name)
    assert [str(path.relative_to(tmp_path)) for path in by_name] == [
        "t/2020/04/15/20200415-101112346.csv",
        "s/2020/04/15/20200415-101112347.csv",
        "t/2020/04/16/20200415-101112348.csv",
        "t/2020/04/15/20200415-101112349.csv",
    ]
    sequences = [path.read_text().strip().rpartition(",")[2] for path in by_name]
    assert sequences == [
        "20200415101112340000000000000000006",
        "20200415101112340000000000000000007",
        "20200416101112340000000000000000008",
        "20200416101112340000000000000000009",
    ]
    assert files.last == LastChange(AT // 1000 + 4, 9, AT + day)
