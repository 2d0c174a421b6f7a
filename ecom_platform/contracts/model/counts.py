"""What partials and dimensions count alike: the columns' words, rules and lineage.

Belongs here: parts of contracts that several tables of the model share. Not here: any table.
"""

from __future__ import annotations

from typing import Any

import pandera.pyspark as pandera

from ecom_platform.contracts.clean import EVENT_TYPES
from ecom_platform.contracts.lineage import Lineage, made_from

# The number of events of each type; together they are all events.
EVENT_COUNT_COLUMNS = tuple(f"{event_type}_count" for event_type in EVENT_TYPES)

# Prices are positive, so that there is revenue exactly where there are purchases.
REVENUE_RULE = ("revenue_comes_from_purchases", "(purchase_count = 0) <> (revenue_usd = 0)")


def count_of(what: str) -> Any:
    """A column with a number of things."""
    return pandera.Field(ge=0, description=f"Number of {what}.")


def time_of(what: str) -> Any:
    """A column with a time that is always known."""
    return pandera.Field(description=what, metadata={"unit": "UTC, microseconds"})


def event_count_lineage(table: str) -> Lineage:
    """The lineage of the counts by event type in a table that counts events themselves."""
    return dict.fromkeys(EVENT_COUNT_COLUMNS, made_from(table, "event_type"))
