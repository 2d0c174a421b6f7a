"""Rules and casts over whole arrays of text: every value is certainly right, or none is given.

Belongs here: vectorised twins of line_parser's rules. Not here: how text is cut into fields.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ecom_platform.landing.columns import PRICE, UTC_TIME
from ecom_platform.landing.line_parser import (
    PRICE_PATTERN,
    LineRules,
    check_range,
    parse_event_time,
)
from ecom_platform.landing.rejections import BrokenRule

_WHOLE_PRICE = f"^(?:{PRICE_PATTERN})$"
_KAGGLE_TIME = np.frombuffer(b"0000-00-00 00:00:00 UTC", np.uint8)
# Unsigned, so that characters below "0" wrap around to large numbers.
_ZERO = np.uint8(ord("0"))
_POINT = np.uint8(ord("."))
_IS_DIGIT = np.equal(_KAGGLE_TIME, _ZERO)


class Uncertain(Exception):
    """A value that the line parser has to look at. Never leaves the fast path."""


def certain_ids(texts: pa.Array) -> pa.Array:
    """Positive 64-bit numbers from decimal digits.

    Raises:
        Uncertain: A value is missing, zero, or has a character that is no digit.
        pa.ArrowInvalid: A value has more than 64 bits.
    """
    # Empty fields came as nulls, so digits in all bytes means digits in every value.
    if texts.null_count or not _all_digits(_bytes_of(texts)):
        raise Uncertain
    ids = pc.cast(texts, pa.int64())
    if pc.min(ids).as_py() <= 0:
        raise Uncertain
    return ids


def certain_prices(texts: pa.Array) -> pa.Array:
    """Prices as DECIMAL(12,2).

    Raises:
        Uncertain: A value does not match the pattern of a price.
        pa.ArrowInvalid: A value does not fit.
    """
    # The pattern is right for every price, and slower than a look at the usual form.
    if _all_with_cents(texts) or pc.all(pc.match_substring_regex(texts, _WHOLE_PRICE)).as_py():
        return pc.cast(texts, PRICE)
    raise Uncertain


def _all_with_cents(texts: pa.Array) -> bool:
    """Whether every text is digits, a point and two digits, such as `1302.48`."""
    offsets, characters = _offsets_of(texts), _bytes_of(texts)
    if np.diff(offsets).min() < len("0.00"):
        return False
    point_of_each = characters[offsets[1:] - offsets[0] - len(".00")]
    # As many characters that are no digit as values: the points, each at its place, are all.
    digits = np.count_nonzero(characters - _ZERO <= 9)
    return bool((point_of_each == _POINT).all()) and digits == len(characters) - len(texts)


def certain_times(texts: pa.Array, rules: LineRules) -> tuple[pa.Array, pa.Array]:
    """Times in UTC, and their dates, all within the range of the rules.

    Raises:
        Uncertain: A value is no time with an offset, or is out of range.
        pa.ArrowInvalid: A value does not exist in the calendar.
    """
    if _all_in_kaggle_form(texts):
        naive = pc.cast(pc.utf8_slice_codeunits(texts, 0, 19), pa.timestamp("us"))
    else:
        naive = _parse_each(texts)
    times = naive.cast(UTC_TIME)
    extremes = pc.min_max(times)
    try:
        check_range(extremes["min"].as_py(), rules)
        check_range(extremes["max"].as_py(), rules)
    except (BrokenRule, OverflowError):  # OverflowError: the year 0, which Arrow has
        raise Uncertain from None
    return times, naive.cast(pa.date32())


def _all_in_kaggle_form(texts: pa.Array) -> bool:
    """Whether every text is digit for digit `YYYY-MM-DD HH:MM:SS UTC`."""
    if (np.diff(_offsets_of(texts)) != len(_KAGGLE_TIME)).any():
        return False
    characters = _bytes_of(texts).reshape(-1, len(_KAGGLE_TIME))
    separators = characters[:, ~_IS_DIGIT] == _KAGGLE_TIME[~_IS_DIGIT]
    return bool(separators.all()) and _all_digits(characters[:, _IS_DIGIT])


def _parse_each(texts: pa.Array) -> pa.Array:
    """Times in other accepted forms, one by one by the line parser's rule."""
    try:
        parsed = [parse_event_time(str(text)) for text in texts.to_pylist()]
    except BrokenRule:
        raise Uncertain from None
    return pa.array(parsed, UTC_TIME).cast(pa.timestamp("us"))


def _all_digits(characters: np.ndarray) -> bool:
    return bool((characters - _ZERO).max(initial=0) <= 9)


def _offsets_of(texts: pa.Array) -> np.ndarray:
    """Where each value begins in the buffer of characters, and where the last one ends."""
    offsets = np.frombuffer(_memory(texts, 1), np.int32)
    return offsets[texts.offset : texts.offset + len(texts) + 1]


def _bytes_of(texts: pa.Array) -> np.ndarray:
    """The characters of all values, one after another."""
    offsets = _offsets_of(texts)
    return np.frombuffer(_memory(texts, 2), np.uint8)[offsets[0] : offsets[-1]]


def _memory(texts: pa.Array, number: int) -> memoryview:
    """A buffer of an array of text: 1 is offsets, 2 is characters."""
    return memoryview(texts.buffers()[number] or b"")
