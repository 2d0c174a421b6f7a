"""Messages of pgoutput: read as documented, refused when they are anything else."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom_platform.oltp.replicator.pgoutput import (
    UNCHANGED,
    Begin,
    Commit,
    Relation,
    RowChange,
    SourceColumn,
    Truncate,
    UnknownMessageError,
    Value,
    decode,
)

VALUES = st.lists(
    st.one_of(
        st.none(),
        st.just(UNCHANGED),
        st.text(st.characters(exclude_characters="\0", codec="utf-8")),
    ),
    max_size=5,
).map(tuple)


def row(values: tuple[Value, ...]) -> bytes:
    parts = [struct.pack(">h", len(values))]
    for value in values:
        if value is None:
            parts.append(b"n")
        elif value == UNCHANGED:
            parts.append(b"u")
        else:
            text = value.encode()
            parts.append(b"t" + struct.pack(">i", len(text)) + text)
    return b"".join(parts)


def change(kind: bytes, *parts: bytes) -> bytes:
    return kind + struct.pack(">i", 7) + b"".join(parts)


RELATION = (
    b"R" + struct.pack(">i", 7) + b"shop\0brands\0d" + struct.pack(">h", 2)
    + b"\1brand_id\0" + struct.pack(">ii", 23, -1)
    + b"\0brand_name\0" + struct.pack(">ii", 1043, 204)
)  # fmt: skip
COMMIT = b"C" + struct.pack(">bqqq", 0, 100, 108, 1)
KNOWN = (RELATION, COMMIT, change(b"U", b"K", row(("1", None)), b"N", row(("2", "x"))))


@given(old=VALUES, new=VALUES)
def test_rows_are_read_as_they_were_sent(old: tuple[Value, ...], new: tuple[Value, ...]) -> None:
    assert decode(change(b"I", b"N", row(new))) == RowChange(7, "I", None, False, new)
    assert decode(change(b"U", b"N", row(new))) == RowChange(7, "U", None, False, new)
    assert decode(change(b"U", b"K", row(old), b"N", row(new))) == RowChange(
        7, "U", old, False, new
    )
    assert decode(change(b"U", b"O", row(old), b"N", row(new))) == RowChange(7, "U", old, True, new)
    assert decode(change(b"D", b"K", row(old))) == RowChange(7, "D", old, False, None)


def test_tables_and_transactions_are_read_as_they_were_sent() -> None:
    columns = (SourceColumn("brand_id", 23, -1, True), SourceColumn("brand_name", 1043, 204, False))
    assert decode(RELATION) == Relation(7, "shop", "brands", False, columns)
    assert decode(COMMIT) == Commit(108, 946_684_800_000_001)
    assert decode(b"B" + bytes(20)) == Begin()
    assert decode(b"T" + struct.pack(">ibii", 2, 0, 7, 8)) == Truncate((7, 8))
    assert decode(b"Y" + bytes(8)) is None
    assert decode(b"O" + bytes(9)) is None


@pytest.mark.parametrize("message", KNOWN)
def test_a_message_that_is_cut_is_refused(message: bytes) -> None:
    for length in range(1, len(message)):
        with pytest.raises(UnknownMessageError):
            decode(message[:length])


@pytest.mark.parametrize("message", [b"", b"S", b"Z1234", KNOWN[2] + b"x", change(b"U", b"X")])
def test_what_is_no_message_of_this_protocol_is_refused(message: bytes) -> None:
    with pytest.raises(UnknownMessageError):
        decode(message)
