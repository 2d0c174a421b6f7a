"""Settings in DMS's words; what the stand-in does not know is refused by name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ecom_platform.errors import OltpFailed
from ecom_platform.oltp.replicator.options import DmsSettings, read_settings

if TYPE_CHECKING:
    from pathlib import Path


def test_names_are_those_of_dms(tmp_path: Path) -> None:
    path = tmp_path / "s3.json"
    chosen = {"DataFormat": "parquet", "IncludeOpForFullLoad": True, "TimestampColumnName": "ts"}
    path.write_text(json.dumps(chosen))
    settings = read_settings(path)
    assert (settings.data_format, settings.include_op_for_full_load) == ("parquet", True)
    assert settings.timestamp_column_name == "ts"


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"PreserveTransactions": True}, "PreserveTransactions: the stand-in does not know it"),
        ({"CdcInsertsOnly": True, "CdcInsertsAndUpdates": True}, "exclude each other"),
        ({"UseTaskStartTimeForFullLoadTimestamp": True}, "needs TimestampColumnName"),
        ({"DataFormat": "avro"}, "DataFormat: "),
        ([], "no JSON object"),
    ],
)
def test_what_cannot_be_is_refused_by_its_name(chosen: Any, said: str, tmp_path: Path) -> None:
    path = tmp_path / "s3.json"
    path.write_text(json.dumps(chosen))
    with pytest.raises(OltpFailed, match=said):
        read_settings(path)


def test_a_file_that_is_missing_or_no_json_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(OltpFailed, match="No such file"):
        read_settings(tmp_path / "none.json")
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(OltpFailed, match="no JSON object"):
        read_settings(tmp_path / "bad.json")


# The tables "IncludeOpForFullLoad and CdcInsertsOnly / CdcInsertsAndUpdates" of DMS's manual.
@pytest.mark.parametrize(
    ("include", "inserts_only", "and_updates", "load_op", "change_op", "ops"),
    [
        (True, True, False, True, True, "I"),
        (False, False, False, False, True, "IUD"),
        (False, True, False, False, False, "I"),
        (True, False, False, True, True, "IUD"),
        (True, False, True, True, True, "IU"),
        (False, False, True, False, True, "IU"),
    ],
)
def test_op_is_where_the_manual_says(
    include: bool, inserts_only: bool, and_updates: bool, load_op: bool, change_op: bool, ops: str
) -> None:
    settings = DmsSettings(
        include_op_for_full_load=include,
        cdc_inserts_only=inserts_only,
        cdc_inserts_and_updates=and_updates,
    )
    assert settings.has_op(full_load=True) is load_op
    assert settings.has_op(full_load=False) is change_op
    assert settings.ops_of_changes == ops
