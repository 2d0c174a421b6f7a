"""`python -m bench.sampling LAKE`: what a sample of rows hides and a sample of users shows.

Belongs here: the same figures over all rows and over both samples. Not here: the platform's own
profile (ecom_platform/transforms/marts/profile.py), which samples by user only.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ecom_platform.lake.sql import connect
from ecom_platform.settings import load_settings

if TYPE_CHECKING:
    import duckdb

# Both samples are chosen by a hash, so that the same lake gives the same table.
_SAMPLES = {
    "all rows": "true",
    "{percent} % of the users": "hash(user_id) % 100 < {percent}",
    "{percent} % of the rows": "hash(source_object, source_row) % 100 < {percent}",
}

_EVENT = (
    "event_time, event_type, product_id, category_id, category_code, brand, price, user_id, "
    "user_session"
)

# A session is whole when the sample holds as many of its rows as the lake.
_FIGURES = f"""
WITH chosen AS (SELECT * FROM raw_events WHERE {{condition}}),
distinct_events AS (SELECT count(*) AS events FROM (SELECT DISTINCT {_EVENT} FROM chosen)),
sizes AS (
    SELECT user_id, user_session, count(*) AS row_count FROM raw_events
    WHERE user_session IS NOT NULL GROUP BY ALL
),
sessions AS (
    SELECT user_id, user_session, count(*) AS row_count,
        count(*) FILTER (WHERE event_type = 'purchase') AS purchases,
        count(*) FILTER (WHERE event_type = 'view') AS views
    FROM chosen WHERE user_session IS NOT NULL GROUP BY ALL
)
SELECT (SELECT count(*) FROM chosen),
    (SELECT 1 - events / (SELECT count(*) FROM chosen) FROM distinct_events),
    count(*),
    avg((sessions.row_count = sizes.row_count)::INT),
    avg(sessions.row_count),
    avg((sessions.row_count = 1)::INT),
    avg((purchases > 0)::INT),
    avg((views = 0)::INT) FILTER (WHERE purchases > 0)
FROM sessions JOIN sizes USING (user_id, user_session)
"""

_NAMES = (
    ("rows", "{:,}"),
    ("exact duplicates among them", "{:.3%}"),
    ("sessions seen", "{:,}"),
    ("sessions seen whole", "{:.1%}"),
    ("rows per session", "{:.2f}"),
    ("sessions of a single row", "{:.1%}"),
    ("sessions with a purchase", "{:.1%}"),
    ("of these, without any view", "{:.1%}"),
)


def compare_samples(connection: duckdb.DuckDBPyConnection, percent: int) -> str:
    """A Markdown table: each figure over all rows, a share of the users, a share of the rows."""
    columns = {}
    for name, condition in _SAMPLES.items():
        query = _FIGURES.format(condition=condition.format(percent=percent))
        figures = connection.execute(query).fetchone()
        columns[name.format(percent=percent)] = figures or ()
    lines = ["| | " + " | ".join(columns) + " |", "|---" + "|---:" * len(columns) + "|"]
    for at, (label, form) in enumerate(_NAMES):
        cells = (
            "—" if values[at] is None else form.format(values[at]) for values in columns.values()
        )
        lines.append(f"| {label} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.sampling", description=__doc__)
    parser.add_argument("lake", help="folder of a lake with raw_events")
    parser.add_argument("--percent", type=int, default=5, help="size of the samples (default 5)")
    options = parser.parse_args(arguments)
    with connect(load_settings(lake=options.lake)) as connection:
        print(compare_samples(connection, options.percent))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
