"""The reference parser: one physical line in, one event or one rejection out.

Belongs here: the rules of a line, slow and plain. Not here: speed, blocks, files; the fast path
must give what this module gives, and tests compare them.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from ecom_platform.landing.rejections import BrokenRule, Rejection, RejectReason

MAX_AFTER_WRITING = dt.timedelta(hours=24)
"""How far an event may lie after the moment its object was written: clocks differ, not by more."""

PRICE_PATTERN = r"-?[0-9]+(\.[0-9]{1,2})?"

_PRICE = re.compile(PRICE_PATTERN)
_PRICE_LIMIT = Decimal("9999999999.99")  # DECIMAL(12,2)
_ID = re.compile(r"[0-9]+")
_ID_LIMIT = 2**63 - 1
_TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[ T]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,6}))?"
    r"(?: UTC|Z|([+-])([0-9]{2})(?::?([0-5][0-9]))?)"
)
_SHOWN_CHARS = 60


class Event(NamedTuple):
    """One event: the nine source columns and the UTC date; order as in `EVENTS_SCHEMA`."""

    event_time: dt.datetime
    event_date: dt.date
    event_type: str | None
    product_id: int
    category_id: int
    category_code: str | None
    brand: str | None
    price: Decimal
    user_id: int
    user_session: str | None


@dataclass(frozen=True)
class LineRules:
    """What the lines of one object are held to. Picklable, so that it can travel to a cluster.

    Attributes:
        field_count: Fields that a line must have: as many as the header.
        positions: Where the nine source columns stand in a line, in the order of `SOURCE_COLUMNS`.
        start_date: First date that is accepted (UTC).
        latest: Last moment that is accepted (UTC): 24 hours after the object was written.
        max_line_bytes: Longest line that is read, without its line end.
    """

    field_count: int
    positions: tuple[int, ...]
    start_date: dt.date
    latest: dt.datetime
    max_line_bytes: int


def parse_line(line: bytes, rules: LineRules) -> Event | Rejection:
    """Parse one physical line, without its line end.

    Rules are tried in the order of `RejectReason`; the first that fails names the reason.
    """
    event_date = None
    try:
        fields = _fields(line, rules)
        when, what, product, category, code, brand, price, user, session = fields
        event_time = parse_event_time(when)
        check_range(event_time, rules)
        event_date = event_time.date()
        return Event(
            event_time=event_time,
            event_date=event_date,
            event_type=what or None,
            product_id=parse_id(product, "product_id", "bad_product_id"),
            category_id=parse_id(category, "category_id", "bad_category_id"),
            category_code=code or None,
            brand=brand or None,
            price=parse_price(price),
            user_id=parse_id(user, "user_id", "bad_user_id"),
            user_session=session or None,
        )
    except BrokenRule as broken:
        return Rejection(broken.reason, broken.detail, event_date)


def _fields(line: bytes, rules: LineRules) -> list[str]:
    """The nine source fields of a line, in the order of `SOURCE_COLUMNS`."""
    if len(line) > rules.max_line_bytes:
        raise too_long(len(line), rules.max_line_bytes)
    if not line.strip():
        raise BrokenRule("blank_line", "the line is empty or only white space")
    if b"\0" in line:
        raise BrokenRule("nul_byte", f"a NUL byte at byte {line.index(0) + 1} of the line")
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        detail = f"byte 0x{line[error.start]:02x} at byte {error.start + 1} is not UTF-8"
        raise BrokenRule("encoding", detail) from None
    fields = split_fields(text)
    if fields is None:
        raise BrokenRule("unclosed_quote", "a quoted field does not end within its line")
    if len(fields) != rules.field_count:
        raise BrokenRule("field_count", f"{len(fields)} fields, expected {rules.field_count}")
    return [fields[position] for position in rules.positions]


def too_long(length: int, limit: int) -> BrokenRule:
    """The broken rule of a line of `length` bytes where at most `limit` are read."""
    return BrokenRule("line_too_long", f"{length:,} bytes, at most {limit:,} are read")


def split_fields(text: str) -> list[str] | None:
    """Split one line at its commas by RFC 4180; None where a quoted field does not end.

    As lenient as Python's csv module and Arrow: a quote opens a quoted field only as the field's
    first character, elsewhere it is text, and text after a closing quote is joined to the field.
    """
    if '"' not in text:
        return text.split(",")
    fields: list[str] = []
    field = ""
    at_start, quoted = True, False
    position = 0
    while position < len(text):
        char = text[position]
        position += 1
        if quoted:
            if char != '"':
                field += char
            elif text[position : position + 1] == '"':
                field += char
                position += 1
            else:
                quoted = False
        elif char == ",":
            fields.append(field)
            field, at_start = "", True
        elif char == '"' and at_start:
            quoted, at_start = True, False
        else:
            field += char
            at_start = False
    return None if quoted else [*fields, field]


def parse_event_time(text: str) -> dt.datetime:
    """A time with its offset, in UTC: `2020-04-01 00:00:00 UTC`, or ISO 8601 with an offset.

    Raises:
        BrokenRule: `bad_event_time`: another form, no offset, or a date that does not exist.
    """
    match = _TIME.fullmatch(text)
    if match is None:
        raise BrokenRule("bad_event_time", f"event_time {_shown(text)} is no time with an offset")
    *parts, fraction, sign, hours, minutes = match.groups()
    year, month, day, hour, minute, second = map(int, parts)
    micro = int((fraction or "0").ljust(6, "0"))
    offset = dt.timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    try:
        local = dt.datetime(year, month, day, hour, minute, second, micro, tzinfo=dt.UTC)
        if offset >= dt.timedelta(days=1):
            raise ValueError("an offset of a day or more")
        return local + offset if sign == "-" else local - offset
    except (ValueError, OverflowError):
        detail = f"event_time {_shown(text)} does not exist in the calendar"
        raise BrokenRule("bad_event_time", detail) from None


def check_range(event_time: dt.datetime, rules: LineRules) -> None:
    """Hold a time to the platform's first date and to the writing of its object.

    Raises:
        BrokenRule: `date_out_of_range`.
    """
    if event_time.date() < rules.start_date:
        detail = f"event_date {event_time:%Y-%m-%d} is before the start date {rules.start_date}"
        raise BrokenRule("date_out_of_range", detail)
    if event_time > rules.latest:
        shown = f"{event_time:%Y-%m-%d %H:%M:%S} UTC"
        detail = f"event_time {shown} is more than 24 hours after the object was written"
        raise BrokenRule("date_out_of_range", detail)


def parse_id(text: str, column: str, reason: RejectReason) -> int:
    """A positive whole number of 64 bits, in decimal digits only.

    Raises:
        BrokenRule: With `reason`.
    """
    # The length first: Python refuses to convert numbers of thousands of digits.
    if _ID.fullmatch(text) and len(text.lstrip("0")) <= 19 and 0 < int(text) <= _ID_LIMIT:
        return int(text)
    # The text of a user_id stays in `line` alone, the one column that may hold a person's id.
    value = "" if column == "user_id" else f" {_shown(text)}"
    raise BrokenRule(reason, f"{column}{value} is no whole number from 1 to {_ID_LIMIT}")


def parse_price(text: str) -> Decimal:
    """A price with at most two decimals that fits DECIMAL(12,2); negative and zero are fine here.

    Raises:
        BrokenRule: `bad_price`.
    """
    if _PRICE.fullmatch(text) and abs(Decimal(text)) <= _PRICE_LIMIT:
        return Decimal(text)
    raise BrokenRule("bad_price", f"price {_shown(text)} is no DECIMAL(12,2) in plain digits")


def _shown(text: str) -> str:
    """A field's text in quotes, cut so that a detail stays short."""
    cut = text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}…"
    return repr(cut)
