"""Settings of the stand-in, under the names of DMS's S3Settings.

Belongs here: which settings there are, and which go together. Not here: what they do to a file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_pascal

from ecom_platform.errors import OltpFailed


class DmsSettings(BaseModel):
    """What a DMS endpoint for S3 would be told; defaults are those of DMS.

    `change_sequence_column` is in DMS no setting but a transformation rule that adds a column with
    the expression `$AR_H_CHANGE_SEQ`.
    """

    model_config = ConfigDict(
        alias_generator=to_pascal, populate_by_name=True, frozen=True, extra="forbid"
    )

    data_format: Literal["csv", "parquet"] = "csv"
    compression_type: Literal["NONE", "GZIP"] = "NONE"
    include_op_for_full_load: bool = False
    cdc_inserts_only: bool = False
    cdc_inserts_and_updates: bool = False
    timestamp_column_name: str = ""
    use_task_start_time_for_full_load_timestamp: bool = False
    change_sequence_column: str = ""
    add_column_name: bool = False
    csv_delimiter: str = Field(default=",", min_length=1, max_length=1)
    csv_null_value: str = "NULL"
    date_partition_enabled: bool = False
    date_partition_sequence: Literal["YYYYMMDD", "YYYYMMDDHH", "YYYYMM", "MMYYYYDD", "DDMMYYYY"] = (
        "YYYYMMDD"
    )
    date_partition_delimiter: Literal["SLASH", "UNDERSCORE", "DASH", "NONE"] = "SLASH"
    parquet_timestamp_in_millisecond: bool = False
    row_group_length: int = Field(default=10_024, ge=1)
    max_file_size: int = Field(default=1_048_576, ge=1, description="Of a full load, in KB.")
    cdc_max_batch_interval: int = Field(default=60, ge=0, description="Seconds.")
    cdc_min_file_size: int = Field(default=32_000, ge=1, description="KB.")

    @model_validator(mode="after")
    def _goes_together(self) -> DmsSettings:
        if self.cdc_inserts_only and self.cdc_inserts_and_updates:
            raise ValueError("CdcInsertsOnly and CdcInsertsAndUpdates exclude each other")
        if self.use_task_start_time_for_full_load_timestamp and not self.timestamp_column_name:
            raise ValueError("UseTaskStartTimeForFullLoadTimestamp needs TimestampColumnName")
        return self

    @property
    def ops_of_changes(self) -> str:
        """Which of I, U and D are written."""
        if self.cdc_inserts_only:
            return "I"
        return "IU" if self.cdc_inserts_and_updates else "IUD"

    def has_op(self, *, full_load: bool) -> bool:
        """Whether a file has the column Op, by the tables in DMS's documentation."""
        return self.include_op_for_full_load or not (full_load or self.cdc_inserts_only)

    @property
    def suffix(self) -> str:
        """End of a file's name."""
        if self.data_format == "parquet":
            return ".parquet"
        return ".csv.gz" if self.compression_type == "GZIP" else ".csv"


# With the least that is left to guess for who reads the files, see docs/oltp.md.
BEST_FOR_THE_LAKE = DmsSettings(
    data_format="parquet",
    include_op_for_full_load=True,
    timestamp_column_name="committed_at",
    use_task_start_time_for_full_load_timestamp=True,
    change_sequence_column="change_seq",
    cdc_max_batch_interval=5,
)


def read_settings(path: Path) -> DmsSettings:
    """Read settings from a JSON file: an object like S3Settings of a DMS endpoint.

    Raises:
        OltpFailed: it cannot be read, or names what the stand-in does not know; the message says
            what.
    """
    try:
        return DmsSettings(**json.loads(path.read_text(encoding="utf-8")))
    except OSError as fault:
        raise OltpFailed(f"{path}: {fault.strerror}") from None
    except (ValueError, TypeError) as fault:
        raise OltpFailed(f"{path}: {_faults(fault)}") from None


def _faults(fault: Exception) -> str:
    if not isinstance(fault, ValidationError):
        return f"this is no JSON object: {fault}"
    said = []
    for each in fault.errors():
        name = ".".join(map(str, each["loc"]))
        unknown = each["type"] == "extra_forbidden"
        text = "the stand-in does not know it" if unknown else each["msg"]
        said.append(f"{name}: {text}" if name else text.removeprefix("Value error, "))
    return "; ".join(said)
