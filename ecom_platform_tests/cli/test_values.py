"""Values as text: exact whatever their size, times in UTC, nothing that drives a terminal."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from ecom_platform.cli.values import to_field, to_json, to_text, visible

MOSCOW = dt.timezone(dt.timedelta(hours=3))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (2053013555631882655, "2053013555631882655"),
        (Decimal("130.70"), "130.70"),
        (Decimal("0E+3"), "0"),
        (Decimal("1E+3"), "1000"),
        (0.1, "0.1"),
        (dt.date(2020, 4, 1), "2020-04-01"),
        (dt.datetime(2020, 4, 1, 2, 30, tzinfo=MOSCOW), "2020-03-31T23:30:00Z"),
        (dt.datetime(2020, 4, 1, 2, 30, 0, 5, tzinfo=dt.UTC), "2020-04-01T02:30:00.000005Z"),
        (dt.datetime(2020, 4, 1, 2, 30), "2020-04-01T02:30:00"),  # noqa: DTZ001  # has no zone
        (b"\x00\xff", "AP8="),
        ([1, None, "a"], '[1, null, "a"]'),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    ],
)
def test_a_value_has_one_text(value: Any, text: str) -> None:
    assert to_text(value) == text


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "null"),
        (False, "false"),
        (2053013555631882655, "2053013555631882655"),
        (-(2**127), "-170141183460469231731687303715884105728"),
        (Decimal("130.70"), "130.70"),
        (1e300, "1e+300"),
        (float("nan"), '"nan"'),
        (float("inf"), '"inf"'),
        ('say "ü"\n', '"say \\"ü\\"\\n"'),
        (dt.datetime(2020, 4, 1, tzinfo=dt.UTC), '"2020-04-01T00:00:00Z"'),
        ({"a": [Decimal("1.10"), {2: None}]}, '{"a": [1.10, {"2": null}]}'),
        ([], "[]"),
    ],
)
def test_a_value_is_json_that_reads_back(value: Any, written: str) -> None:
    assert to_json(value) == written
    json.loads(written)


@pytest.mark.parametrize(
    ("value", "field"),
    [
        (None, ""),
        ("", '""'),
        ("plain", "plain"),
        ('a,"b"', '"a,""b"""'),
        ("two\nlines", '"two\nlines"'),
        ([1, 2], '"[1, 2]"'),
        (Decimal("5.00"), "5.00"),
    ],
)
def test_a_csv_field_tells_null_from_empty(value: Any, field: str) -> None:
    assert to_field(value) == field


def test_what_would_drive_a_terminal_is_written_out() -> None:
    assert (
        visible("red \x1b[31m\x07\x9b\r, two\nlines") == "red \\x1b[31m\\x07\\x9b\\x0d, two\nlines"
    )
