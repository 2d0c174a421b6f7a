"""Rows of files for events that the shop's tables hold too: duplicates, by rule.

Belongs here: whether there can be any, from manifests, and finding them then. Not here: the rule
(transforms/events.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ecom_platform.contracts.raw import SHOP_OBJECTS
from ecom_platform.transforms.events import overruled_by_the_shop

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from ecom_platform.lake.table import TableFile


def overruled_rows(files: Iterable[TableFile], rows: DataFrame) -> DataFrame | None:
    """The rows of files that the shop overrules; None where not both have brought events.

    Args:
        files: of raw_events, those that hold the rows.
        rows: of raw_events.
    """
    from_shop = {str(file.only("source_object")).startswith(SHOP_OBJECTS) for file in files}
    return overruled_by_the_shop(rows) if len(from_shop) > 1 else None
