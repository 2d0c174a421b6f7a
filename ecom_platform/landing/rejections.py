"""Why a line or a whole object is no data: the closed sets of reasons and what carries them.

Belongs here: reason codes, in the order in which rules are tried. Not here: the rules themselves.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal, NamedTuple

from ecom_platform.errors import EcomError

RejectReason = Literal[
    "line_too_long",
    "blank_line",
    "nul_byte",
    "encoding",
    "unclosed_quote",
    "field_count",
    "bad_event_time",
    "date_out_of_range",
    "bad_product_id",
    "bad_category_id",
    "bad_price",
    "bad_user_id",
]
"""Reasons to reject one line. The first rule that fails, in this order, names the reason."""

RefusalReason = Literal[
    "empty_object",
    "corrupt_gzip",
    "not_utf8",
    "no_header",
    "missing_column",
    "duplicate_column",
    "corrupt_parquet",
    "bad_csv",
    "unknown_layout",
    "type_changed",
    "missing_value",
    "unknown_table",
]
"""Reasons to refuse a whole object: nothing of it is published."""


class Rejection(NamedTuple):
    """The fate of a line that is no event.

    Attributes:
        reason: The first rule that the line broke.
        detail: What exactly was wrong, as one short phrase for a person.
        event_date: UTC date of the event; None where the line tells none that is in range.
    """

    reason: RejectReason
    detail: str
    event_date: dt.date | None = None


class BrokenRule(Exception):
    """A line broke a rule. Raised by the rules, caught by the line parser."""

    def __init__(self, reason: RejectReason, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


class ObjectRefused(EcomError):
    """A landing object cannot be read as a whole; nothing of it may be published.

    It may come after blocks were handed out (a gzip that is cut at its end), so a caller
    publishes an object only when its iterator has ended without an error.

    Attributes:
        reason: One of the `RefusalReason` codes.
        detail: What was found, for a person.
    """

    def __init__(self, reason: RefusalReason, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}"
