"""Lines that the platform must reject: each kind breaks exactly one rule of one layer.

Belongs here: the kinds, with the layer and reason code expected. Not here: where they are written
(injection.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Fields = list[bytes]
Layer = Literal["raw", "clean"]
_TIME, _TYPE, _PRODUCT, _CATEGORY, _BRAND, _PRICE, _USER = 0, 1, 2, 3, 5, 6, 7

# Before any start date and after any clock that the platform can meet.
_BEFORE_START = dt.date(2001, 1, 1)
_FAR_FUTURE = dt.date(2120, 1, 1)


@dataclass(frozen=True)
class Kind:
    """One way to break a line.

    Attributes:
        name: stable name in reports.
        layer: layer that rejects it: raw (it is no event) or clean (it breaks a rule).
        reason: reason code of the rejection.
        damage: from the fields of a good line to those of the broken one.
        is_dated: whether the platform can tell the event's date: the line has nine fields and a
            time within range.
    """

    name: str
    layer: Layer
    reason: str
    damage: Callable[[Fields], Fields]
    is_dated: bool = True

    def line(self, good: bytes) -> bytes:
        """The broken line, without a line break, made of a good one."""
        return b",".join(self.damage(good.split(b",")))


def _put(place: int, text: bytes) -> Callable[[Fields], Fields]:
    """Replace one field."""
    return lambda fields: [*fields[:place], text, *fields[place + 1 :]]


def _on_date(day: dt.date) -> Callable[[Fields], Fields]:
    """Move a line to another date."""
    return lambda fields: [str(day).encode() + fields[_TIME][10:], *fields[1:]]


def _at_no_time(fields: Fields) -> Fields:
    """Give a line an hour, minute and second that no clock shows."""
    return [fields[_TIME][:11] + b"25:61:61 UTC", *fields[1:]]


def _minus(fields: Fields) -> Fields:
    """Make the price negative."""
    return [*fields[:_PRICE], b"-" + fields[_PRICE], *fields[_PRICE + 1 :]]


KINDS = (
    Kind("too_few_fields", "raw", "field_count", lambda fields: fields[:-2], False),
    Kind("too_many_fields", "raw", "field_count", lambda fields: [*fields, b"surplus"], False),
    Kind("impossible_time", "raw", "bad_event_time", _at_no_time, False),
    Kind("before_start", "raw", "date_out_of_range", _on_date(_BEFORE_START), False),
    Kind("far_future", "raw", "date_out_of_range", _on_date(_FAR_FUTURE), False),
    Kind("product_id_text", "raw", "bad_product_id", _put(_PRODUCT, b"P-1004856")),
    Kind("category_id_20_digits", "raw", "bad_category_id", _put(_CATEGORY, b"2" * 20)),
    Kind("user_id_empty", "raw", "bad_user_id", _put(_USER, b"")),
    Kind("price_exponent", "raw", "bad_price", _put(_PRICE, b"1e3")),
    Kind("price_three_decimals", "raw", "bad_price", _put(_PRICE, b"10.555")),
    Kind("broken_utf8", "raw", "encoding", _put(_BRAND, b"caf\xe9"), False),
    Kind("unclosed_quote", "raw", "unclosed_quote", _put(_BRAND, b'"samsung'), False),
    Kind("nul_byte", "raw", "nul_byte", _put(_BRAND, b"sam\x00sung"), False),
    Kind("unknown_event_type", "clean", "unknown_event_type", _put(_TYPE, b"wishlist")),
    Kind("negative_price", "clean", "price_not_positive", _minus),
)
KIND_BY_NAME = {kind.name: kind for kind in KINDS}
