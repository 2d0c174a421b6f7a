"""The format: the header and the fields are those of the contract and of the real files."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecom_platform.contracts.raw import SOURCE_COLUMNS
from ecom_platform.generator.lines import HEADER
from ecom_platform_tests.generator.conftest import Generated
from ecom_platform_tests.generator.recount import EVENT, lines_of

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "rees46_2019-10_first_17k.csv"


def test_the_header_names_the_columns_of_the_contract() -> None:
    assert HEADER.decode() == ",".join(SOURCE_COLUMNS) + "\n"


def test_every_line_has_the_format(month: Generated) -> None:
    lines = lines_of(month.readable[0])
    assert len(lines) > 290_000
    assert all(EVENT.fullmatch(line) for line in lines)


def test_real_lines_have_the_same_format() -> None:
    if not REAL.exists():
        pytest.skip(f"no real rows here: {REAL.name} belongs to REES46 and is not distributed")
    header, *lines = REAL.read_bytes().split(b"\r\n")
    assert header + b"\n" == HEADER
    # The file is cut in its last line; brands there may hold a dot, hyphen, digit or ampersand.
    real = sum(
        EVENT.fullmatch(b",".join([*fields[:5], b"x", *fields[6:]])) is not None
        for fields in (line.split(b",") for line in lines[:-1])
    )
    assert real > 0.999 * len(lines)
