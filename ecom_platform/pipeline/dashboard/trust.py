"""How far the numbers can be trusted: ledger, freshness and refusals.

Belongs here: what the section on data quality shows. Not here: judging a date (checks/).
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from ecom_platform.contracts.reasons import EVENT_REASONS, LINE_REASONS
from ecom_platform.contracts.row_ledger import malformed_column, rejected_column
from ecom_platform.pipeline.dashboard.reading import Json, records
from ecom_platform.pipeline.overview import totals

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb

    from ecom_platform.lake.publications import PublishedDate
    from ecom_platform.lake.table import TableVersion

MOST_REFUSED = 20


def read_trust(
    connection: duckdb.DuckDBPyConnection,
    tables: Mapping[str, TableVersion],
    published: Mapping[str, Mapping[dt.date, PublishedDate]],
) -> Json:
    """What the section shows beside its cubes."""
    reasons = [[malformed_column(name), words] for name, words in LINE_REASONS.items()]
    reasons += [[rejected_column(name), words] for name, words in EVENT_REASONS.items()]
    undated = 0
    if "row_ledger" in tables:
        sql = "SELECT SUM(line_count) FROM row_ledger WHERE event_date IS NULL"
        (found,) = connection.execute(sql).fetchone() or (0,)
        undated = int(found or 0)
    refused = records(connection, _REFUSED, [MOST_REFUSED]) if "landing_objects" in tables else []
    return {
        "reasons": reasons,
        "undated": undated,
        "refused": refused,
        "tables": [_freshness(name, tables[name], published.get(name, {})) for name in tables],
    }


# The newest outcome of an object counts.
_REFUSED = """
SELECT source_object, reason, detail FROM (
  SELECT * FROM landing_objects
  QUALIFY ROW_NUMBER() OVER (PARTITION BY source_object ORDER BY recorded_at DESC) = 1
) WHERE status = 'refused' ORDER BY recorded_at DESC LIMIT ?
"""


def _freshness(
    name: str, version: TableVersion, published: Mapping[dt.date, PublishedDate]
) -> Json:
    when = max(
        (date.published_at for date in published.values() if date.published_at), default=None
    )
    return {
        "table": name,
        "last_date": max(published).isoformat() if published else None,
        "dates": len(published) if version.contract.partition_by and published else None,
        "rows": totals(version).rows,
        "published_at": when.strftime("%Y-%m-%d %H:%M") if when else None,
    }
