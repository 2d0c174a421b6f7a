"""What a sample of rows hides, on a table whose figures are known beforehand."""

from __future__ import annotations

import duckdb
import pytest

from bench.sampling import compare_samples

# 1,000 users, each with one session of four views; each view was delivered twice.
DELIVERED = """
CREATE TABLE raw_events AS
SELECT '2020-04-01'::TIMESTAMP + to_seconds(view) AS event_time, 'view' AS event_type,
    view AS product_id, 1 AS category_id, NULL AS category_code, NULL AS brand, 1.00 AS price,
    user_id, 's' || user_id AS user_session,
    'events/' || copy AS source_object, user_id * 10 + view AS source_row
FROM range(1000) users(user_id), range(4) views(view), range(2) copies(copy)
"""


def compared(percent: int) -> dict[str, list[str]]:
    connection = duckdb.connect()
    connection.execute(DELIVERED)
    lines = compare_samples(connection, percent).splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {name: values for name, *values in cells}


def test_a_sample_of_users_keeps_duplicates_and_sessions_and_one_of_rows_does_not() -> None:
    table = compared(10)
    for name, whole in (("exact duplicates among them", 50), ("sessions seen whole", 100)):
        everything, users, rows = (float(value.rstrip("%")) for value in table[name])
        assert everything == users == whole
        assert rows < whole / 5


@pytest.mark.parametrize("figure", ["rows", "sessions seen", "rows per session"])
def test_samples_of_everything_are_everything(figure: str) -> None:
    assert len(set(compared(100)[figure])) == 1


def test_what_was_not_seen_is_not_given_a_share() -> None:
    assert compared(10)["of these, without any view"] == ["—", "—", "—"]
