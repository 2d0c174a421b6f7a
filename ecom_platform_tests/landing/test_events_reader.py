"""The whole reader against the line parser, on files of every kind of damage, at any block size."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import pickle
import threading
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecom_platform.contracts import raw
from ecom_platform.landing.columns import EVENTS_SCHEMA, REJECTED_SCHEMA, SOURCE_COLUMNS
from ecom_platform.landing.events_reader import EventsReader
from ecom_platform.landing.read_limits import ReadLimits
from ecom_platform.landing.rejections import ObjectRefused
from ecom_platform_tests.landing.samples import (
    GOOD_FIELDS,
    HEADER,
    START_DATE,
    WRITTEN_AT,
    fates,
    fates_by_line_parser,
    file,
    line,
    read,
    reader,
    rules,
)

TROUBLE = [b'"', b'""', b"\r", b"\n", b"\r\n", b"\0", b",", b"\xff", b"\xef\xbb\xbf"]
TROUBLE += [b" ", b"0x", b"\xc3\xa9"]
VALUES = [b"", b'""', b'"', b" 1", b"1 ", b"0", b"-0", b"007", b"0x1F", b"1e3", b"NaN", b"null"]
VALUES += [b"9" * 19, b"9" * 20, b"10.555", b"-5.00", b"5", b"9999999999.99", b"10000000000.00"]
VALUES += [b"2020-04-01T00:00:00Z", b"2020-04-01T00:00:00.25-11:30", b"2020-04-01 00:00:00"]
VALUES += [b"2020-02-30 00:00:00 UTC", b"2001-01-01 00:00:00 UTC", b"2120-01-01 00:00:00 UTC"]
VALUES += [b"0000-01-01 00:00:00 UTC", b'"a ""b"" c"', b'"a,b"', b'a"b', b'"a"b', b"\xc3\xbc"]


@st.composite
def fields(draw: st.DrawFn) -> bytes:
    """A line whose fields are good but for a few."""
    values = [value.encode() for value in GOOD_FIELDS.values()]
    for position in draw(st.lists(st.integers(0, 8), max_size=2)):
        values[position] = draw(st.sampled_from(VALUES))
    return b",".join(values)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A good line with something inserted or cut out, line breaks included."""
    text = line()
    at = draw(st.integers(0, len(text)))
    until = draw(st.integers(at, len(text))) if draw(st.booleans()) else at
    return text[:at] + draw(st.sampled_from(TROUBLE)) + text[until:]


LINES = st.one_of(
    st.just(line()),
    st.just(line()),
    fields(),
    damaged(),
    st.lists(st.sampled_from(TROUBLE), max_size=4).map(b"".join),
    st.binary(max_size=30),
)


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """The lines of a file below its header."""
    ends = draw(st.sampled_from([[b"\n"], [b"\r\n"], [b"\n", b"\r\n", b"\r", b""]]))
    lines = draw(st.lists(LINES, max_size=12))
    # Good lines around the others: so many that the fast path picks out single ones.
    run = [line()] * draw(st.sampled_from([0, 0, 3, 20]))
    lines = [one for other in lines for one in (other, *run)]
    end = draw(st.sampled_from(ends))
    body = b"".join(one + (draw(st.sampled_from(ends)) if not run else end) for one in lines)
    return body if draw(st.booleans()) else body.removesuffix(b"\n")


@settings(max_examples=400, deadline=None)
@given(
    body=bodies(),
    block_bytes=st.one_of(st.integers(1, 300), st.integers(300, 5000)),
    max_line_bytes=st.sampled_from([60, 110, 200, 1 << 20]),
    slow_piece_lines=st.integers(0, 3),
    lines_per_block=st.integers(1, 6),
    stored_line_chars=st.sampled_from([5, 4096]),
)
def test_every_file_gets_what_the_line_parser_gives_it(body: bytes, **limits: int) -> None:
    header = HEADER + b"\n"
    # The header must fit the limit too; it is no subject of this test.
    limits["max_line_bytes"] = max(limits["max_line_bytes"], len(header))
    expected = fates_by_line_parser(
        body, rules(max_line_bytes=limits["max_line_bytes"]), limits["stored_line_chars"]
    )
    assert fates(header + body, **limits) == expected


@settings(max_examples=100, deadline=None)
@given(
    lines=st.lists(fields(), min_size=1, max_size=8),
    order=st.permutations([*SOURCE_COLUMNS, "extra", "and more"]),
    block_bytes=st.integers(50, 2000),
)
def test_the_order_of_columns_changes_no_event(
    lines: list[bytes], order: list[str], block_bytes: int
) -> None:
    plain = [one for one in lines if one.count(b",") == 8 and b'"' not in one]
    moved = []
    for one in plain:
        values = dict(zip(SOURCE_COLUMNS, one.split(b","), strict=True))
        moved.append(b",".join(values.get(name, b"?") for name in order))
    there = file(*moved, header=",".join(order).encode())
    found = fates(there, block_bytes=block_bytes, slow_piece_lines=1)
    straight = fates(file(*plain), block_bytes=block_bytes, slow_piece_lines=1)
    assert [fate[:4] for fate in found] == [fate[:4] for fate in straight]


def test_blocks_of_any_size_give_the_same_tables() -> None:
    lines = [line(user_id=str(number + 1), price=f"{number % 900}.5") for number in range(3000)]
    lines[1234] = b"no event"
    data = file(*lines)
    events, rejected = read(data)
    assert (events.num_rows, rejected["source_row"].to_pylist()) == (2999, [1236])
    for block_bytes in (1000, 65_536, 1 << 24):
        found, refused = read(gzip.compress(data), block_bytes=block_bytes)
        assert found.combine_chunks().to_pylist() == events.to_pylist()
        assert refused.equals(rejected)


def test_blocks_have_the_published_schemas_and_one_chunk_per_column() -> None:
    lines = [line() if number % 50 else b"bad" for number in range(500)]
    (block,) = reader(file(*lines), slow_piece_lines=4)
    assert block.events.schema == EVENTS_SCHEMA
    assert block.rejected.schema == REJECTED_SCHEMA
    assert {column.num_chunks for column in block.events.columns} == {1}
    assert (block.lines, block.rejected.num_rows) == (500, 10)
    assert block.compressed_bytes_read == len(file(*lines))


def test_a_file_of_bad_lines_comes_in_small_blocks() -> None:
    blocks = list(reader(file(*[b"bad"] * 1000), lines_per_block=100))
    assert [block.lines for block in blocks] == [100] * 10
    assert [block.rejected["source_row"][0].as_py() for block in blocks] == list(
        range(2, 1002, 100)
    )


def test_the_nine_columns_are_those_of_the_contract() -> None:
    assert SOURCE_COLUMNS == raw.SOURCE_COLUMNS


def test_warnings_name_the_columns_that_nobody_reads() -> None:
    found = reader(file(line() + b",x", header=HEADER + b",campaign"))
    assert found.warnings == ("columns that are not read: 'campaign'",)
    assert [block.events.num_rows for block in found] == [1]


def test_a_header_over_the_limit_of_a_line_is_refused_not_cut() -> None:
    wide = file(line(), header=HEADER + b",more" * 100)
    with pytest.raises(ObjectRefused, match="no_header: line 1 is no header: 300 bytes"):
        reader(wide, max_line_bytes=300)


def test_a_reader_is_iterated_once() -> None:
    found = reader(file(line()))
    assert len(list(found)) == 1
    with pytest.raises(RuntimeError, match="open the object again"):
        iter(found)


def test_the_time_of_writing_needs_a_zone() -> None:
    naive = WRITTEN_AT.replace(tzinfo=None)
    with pytest.raises(ValueError, match="has no zone"):
        EventsReader(io.BytesIO(file(line())), start_date=START_DATE, written_at=naive)


def test_the_time_of_writing_may_be_in_another_zone() -> None:
    def rows(hour: int) -> int:
        written_at = dt.datetime(2020, 3, 31, hour, tzinfo=dt.timezone(dt.timedelta(hours=2)))
        stream = io.BytesIO(file(line(event_time="2020-03-31 23:30:00 UTC")))
        blocks = EventsReader(stream, start_date=START_DATE, written_at=written_at)
        return sum(block.events.num_rows for block in blocks)

    assert (rows(1), rows(2)) == (0, 1)


def test_a_reader_that_is_left_halfway_leaves_no_thread() -> None:
    data = file(*[line()] * 200)
    blocks = iter(reader(data, block_bytes=500))
    next(blocks)
    before = threading.active_count()
    blocks.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before - 1


def test_what_a_cluster_needs_can_be_pickled() -> None:
    for value in (rules(), ReadLimits(block_bytes=7)):
        assert pickle.loads(pickle.dumps(value)) == value
    refusal: Any = pickle.loads(pickle.dumps(_refusal()))
    assert (refusal.reason, str(refusal)[:10]) == ("no_header", "no_header:")


def _refusal() -> Exception:
    try:
        reader(b"hello\n")
    except Exception as refusal:  # noqa: BLE001 - whatever is raised is what must travel
        return refusal
    raise AssertionError("hello was read as a header")
