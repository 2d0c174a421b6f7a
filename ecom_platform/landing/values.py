"""Rules over whole arrays of text: values where the line parser's rule accepts, null elsewhere.

Belongs here: vectorised twins of line_parser's rules. Not here: how text is cut into fields.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ecom_platform.landing.columns import PRICE, UTC_TIME
from ecom_platform.landing.line_parser import (
    PRICE_PATTERN,
    LineRules,
    check_range,
    parse_event_time,
    parse_id,
    parse_price,
)
from ecom_platform.landing.rejections import BrokenRule

_WHOLE_PRICE = f"^(?:{PRICE_PATTERN})$"
_KAGGLE_TIME = np.frombuffer(b"0000-00-00 00:00:00 UTC", np.uint8)
# Unsigned, so that characters below "0" wrap around to large numbers.
_ZERO = np.uint8(ord("0"))
_POINT = np.uint8(ord("."))
_SEPARATORS = np.not_equal(_KAGGLE_TIME, _ZERO)


def parse_ids(texts: pa.Array) -> pa.Array:
    """Positive 64-bit numbers from decimal digits."""
    # Empty fields come as nulls, so digits in all bytes means digits in every value.
    if len(texts) and not texts.null_count and _all_digits(_bytes_of(texts)):
        try:
            ids = pc.cast(texts, pa.int64())
        except pa.ArrowInvalid:  # more than 64 bits
            pass
        else:
            if pc.min(ids).as_py() > 0:
                return ids
    return pa.array(map(_id_or_none, texts.to_pylist()), pa.int64())


def parse_prices(texts: pa.Array) -> pa.Array:
    """Prices as DECIMAL(12,2)."""
    # The pattern is right for every price, and slower than a look at the usual form.
    if _all_with_cents(texts) or pc.all(pc.match_substring_regex(texts, _WHOLE_PRICE)).as_py():
        try:
            return pc.cast(texts, PRICE)
        except pa.ArrowInvalid:  # more than 12 digits
            pass
    return pa.array(map(_price_or_none, texts.to_pylist()), PRICE)


def parse_times(texts: pa.Array, rules: LineRules) -> pa.Array:
    """Times in UTC; null also where they are out of the range of the rules."""
    if _all_in_kaggle_form(texts):
        try:
            naive = pc.cast(pc.utf8_slice_codeunits(texts, 0, 19), pa.timestamp("us"))
            times = pc.cast(naive, UTC_TIME)
            extremes = pc.min_max(times)
            check_range(extremes["min"].as_py(), rules)
            check_range(extremes["max"].as_py(), rules)
        except (pa.ArrowInvalid, BrokenRule, OverflowError):
            pass  # Not in the calendar, out of range, or in the year 0, which only Arrow has.
        else:
            return times
    return pa.array((_time_or_none(text, rules) for text in texts.to_pylist()), UTC_TIME)


def _id_or_none(text: str | None) -> int | None:
    try:
        return parse_id(text or "", "", "bad_product_id")  # Only whether it raises matters.
    except BrokenRule:
        return None


def _price_or_none(text: str | None) -> Decimal | None:
    try:
        return parse_price(text or "")
    except BrokenRule:
        return None


def _time_or_none(text: str | None, rules: LineRules) -> dt.datetime | None:
    try:
        event_time = parse_event_time(text or "")
        check_range(event_time, rules)
    except BrokenRule:
        return None
    return event_time


def _all_with_cents(texts: pa.Array) -> bool:
    """Whether every text is digits, a point and two digits, such as `1302.48`."""
    if not len(texts):
        return False
    offsets, characters = _offsets_of(texts), _bytes_of(texts)
    if np.diff(offsets).min() < len("0.00"):
        return False
    point_of_each = characters[offsets[1:] - offsets[0] - len(".00")]
    # As many characters that are no digit as values: the points, each at its place, are all.
    digits = np.count_nonzero(characters - _ZERO <= 9)
    return bool((point_of_each == _POINT).all()) and digits == len(characters) - len(texts)


def _all_in_kaggle_form(texts: pa.Array) -> bool:
    """Whether every text looks like `YYYY-MM-DD HH:MM:SS UTC`; the cast looks at the digits."""
    if not len(texts) or (np.diff(_offsets_of(texts)) != len(_KAGGLE_TIME)).any():
        return False
    characters = _bytes_of(texts).reshape(-1, len(_KAGGLE_TIME))
    return bool((characters[:, _SEPARATORS] == _KAGGLE_TIME[_SEPARATORS]).all())


def _all_digits(characters: np.ndarray) -> bool:
    return bool((characters - _ZERO).max() <= 9)


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
