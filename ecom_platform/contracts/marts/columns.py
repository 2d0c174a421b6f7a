"""Columns that marts have in common: traffic, breakdowns, shares; and what of them adds up.

Belongs here: parts of contracts that several marts share. Not here: any mart.
"""

from __future__ import annotations

from typing import Any

import pandera.pyspark as pandera

from ecom_platform.contracts.model.traffic import CRAWLER_WORDS

CADENCE = "daily, and when late data change a date"

# Every number of a mart stands there twice, with and without crawler-like sessions. Read one:
#   WHERE traffic = 'human'
ALL_TRAFFIC, HUMAN_TRAFFIC = "all", "human"
TRAFFIC = (ALL_TRAFFIC, HUMAN_TRAFFIC)

# A row is about the events that have one value of one column. Read one breakdown at a time: the
# row of `all` says the same as no other.
#   WHERE breakdown = 'category'
EVERYTHING = "all"
CATEGORY_BREAKDOWNS = ("category", "category_level_1")
PRODUCT_BREAKDOWNS = (*CATEGORY_BREAKDOWNS, "brand")
SESSION_BREAKDOWNS = ("device_type", "source_channel")
BREAKDOWNS = (EVERYTHING, *PRODUCT_BREAKDOWNS, *SESSION_BREAKDOWNS)

_BREAKDOWN_WORDS = {
    EVERYTHING: "`all` for no breakdown",
    "category": "`category` for the dotted path",
    "category_level_1": "`category_level_1` for its first part",
    "hour_of_day": "`hour_of_day` (UTC)",
}


def traffic() -> Any:
    """The column that tells whose sessions are counted."""
    return pandera.Field(
        isin=list(TRAFFIC),
        description=f"`{ALL_TRAFFIC}` sessions, or `{HUMAN_TRAFFIC}`: without the crawler-like "
        f"ones ({CRAWLER_WORDS}). Choose one; they do not add up.",
    )


def breakdown(*values: str) -> Any:
    """The column that tells by what events are divided."""
    words = ", ".join(_BREAKDOWN_WORDS.get(value, f"`{value}`") for value in values)
    return pandera.Field(
        isin=list(values), description=f"By what events are divided: {words}. Choose one."
    )


def breakdown_value() -> Any:
    """The column with the value that the events of a row share."""
    return pandera.Field(
        description="The value that the counted events share; `all` where they are not divided, "
        "`unknown` where none is known."
    )


def additive_count(what: str) -> Any:
    """A count that may be summed over dates: what it counts belongs to one of them."""
    return pandera.Field(ge=0, description=f"Number of {what}.", metadata={"additive": True})


def additive_usd(what: str) -> Any:
    """Money that may be summed over dates."""
    return pandera.Field(ge=0, description=what, metadata={"unit": "USD", "additive": True})


def distinct_count(what: str, *, nullable: bool = False) -> Any:
    """A count of different things: exact in its row, and never to be summed."""
    return pandera.Field(
        nullable=nullable, ge=0, description=f"Number of different {what}. Never add it up."
    )


def share(what: str, of: str) -> Any:
    """A number from 0 to 1; null where there is nothing to take a share of."""
    return pandera.Field(
        nullable=True, ge=0, le=1, description=f"{what}, as a share of {of}; null without any."
    )


def change(what: str) -> Any:
    """A number by which something grew or fell, as a share of what it was; null without it."""
    return pandera.Field(
        nullable=True, description=f"{what}, as a share of what it was: 0.1 is a tenth more."
    )


def seconds(what: str) -> Any:
    """A duration."""
    return pandera.Field(ge=0, description=what, metadata={"unit": "seconds"})


def usd(what: str, *, nullable: bool = False) -> Any:
    """Money that is never to be summed."""
    return pandera.Field(nullable=nullable, ge=0, description=what, metadata={"unit": "USD"})


def event_date(of: str) -> Any:
    """The date that rows are of."""
    return pandera.Field(description=f"UTC date of {of}.")


def as_of() -> Any:
    """The last date that is counted, of tables that count all dates up to one."""
    return pandera.Field(description="Events up to the end of this UTC date are counted.")
