"""The month by hand in DuckDB: CSV.gz to raw, clean, rejected, fact, checks, dimensions.

Belongs here: what an engineer would write in an afternoon. Not here: late data, re-runs, more
than one file, lines that are no event (a malformed line fails the script).
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from bench.scripts.stopwatch import (
    CHECKS,
    CLEAN_FACT,
    DIMS,
    RAW,
    read_arguments,
    require,
    stage,
    tell_counts,
)

COLUMNS = {
    "event_time": "TIMESTAMP",
    "event_type": "VARCHAR",
    "product_id": "BIGINT",
    "category_id": "BIGINT",
    "category_code": "VARCHAR",
    "brand": "VARCHAR",
    "price": "DECIMAL(12,2)",
    "user_id": "BIGINT",
    "user_session": "VARCHAR",
}
NINE = ", ".join(COLUMNS)
PARQUET = "FORMAT parquet, COMPRESSION zstd"

# Rows keep the order of the file, and rowid numbers them without the single thread that
# row_number() would force upon the whole query: a third faster, for 190 bytes of memory a row.
# Line 1 is the header, so the first event is line 2.
READ = f"""
    CREATE TEMP TABLE lines AS
    SELECT * FROM read_csv($source, header = true, auto_detect = false, delim = ',', quote = '"',
                           columns = {COLUMNS}, timestampformat = '%Y-%m-%d %H:%M:%S UTC')"""
WRITE_RAW = f"""
    COPY (SELECT *, event_time::DATE AS event_date, rowid + 2 AS source_row FROM lines)
    TO $target (PARTITION_BY (event_date), WRITE_PARTITION_COLUMNS true, {PARQUET})"""

# One date at a time: its groups fit into memory, and the tables come out by date.
DISTINCT_EVENTS = f"""
    CREATE OR REPLACE TEMP TABLE distinct_events AS
    SELECT hash({NINE}) AS event_id, {NINE}, event_date,
           min(source_row) AS source_row, count(*) AS copies,
           CASE WHEN user_session IS NULL THEN 'null_user_session'
                WHEN event_type IS NULL OR event_type NOT IN
                     ('view', 'cart', 'remove_from_cart', 'purchase') THEN 'unknown_event_type'
                WHEN price <= 0 THEN 'price_not_positive' END AS reason
    FROM read_parquet(?, hive_partitioning = false)
    GROUP BY {NINE}, event_date"""
CLEAN = """
    SELECT * EXCLUDE (copies, reason, category_code, brand),
           coalesce(category_code, 'unknown') AS category_code,
           coalesce(brand, 'unknown') AS brand
    FROM distinct_events WHERE reason IS NULL"""
REJECTED = "SELECT * EXCLUDE (copies) FROM distinct_events WHERE reason IS NOT NULL"
FACT = f"""
    SELECT event_id, event_time, event_date, event_type, user_id, product_id, price,
           user_session AS session_id, category_code AS category_name, brand,
           'unknown' AS device_type, 'unknown' AS source_channel,
           isodow(event_time)::INTEGER AS day_of_week, hour(event_time)::INTEGER AS hour_of_day
    FROM ({CLEAN})"""

JUDGE = """
    SELECT count(*) AS row_count,
           count(*) - count(DISTINCT event_id) AS repeated_keys,
           count(*) FILTER (WHERE columns_null) AS nulls,
           count(*) FILTER (WHERE price <= 0 OR user_id <= 0 OR product_id <= 0) AS out_of_range,
           count(*) FILTER (WHERE event_type NOT IN
               ('view', 'cart', 'remove_from_cart', 'purchase')) AS odd_types,
           count(*) FILTER (WHERE event_date <> event_time::DATE) AS odd_dates
    FROM (SELECT *, {nulls} AS columns_null FROM read_parquet(?, hive_partitioning = false))"""

DIM_USERS = """
    SELECT user_id, min(event_time) AS first_seen_at, max(event_time) AS last_seen_at,
           count(DISTINCT event_date) AS active_day_count,
           count(*) FILTER (WHERE event_type = 'view') AS view_count,
           count(*) FILTER (WHERE event_type = 'cart') AS cart_count,
           count(*) FILTER (WHERE event_type = 'purchase') AS purchase_count,
           coalesce(sum(price) FILTER (WHERE event_type = 'purchase'), 0) AS revenue_usd
    FROM read_parquet(?, hive_partitioning = false) GROUP BY user_id"""
DIM_PRODUCTS = """
    SELECT product_id, arg_max(brand, event_time) AS brand,
           arg_max(category_name, event_time) AS category_name,
           arg_max(price, event_time) AS current_price,
           min(price) AS lowest_price, max(price) AS highest_price,
           min(event_time) AS first_seen_at, max(event_time) AS last_seen_at,
           count(*) FILTER (WHERE event_type = 'view') AS view_count,
           count(*) FILTER (WHERE event_type = 'cart') AS cart_count,
           count(*) FILTER (WHERE event_type = 'purchase') AS purchase_count
    FROM read_parquet(?, hive_partitioning = false) GROUP BY product_id"""


class Month:
    """The tables of one month in a folder, one folder of Parquet files a date."""

    def __init__(self, db: duckdb.DuckDBPyConnection, folder: Path) -> None:
        self.db = db
        self.folder = folder
        self.duplicates: dict[str, int] = {}

    def build_raw(self, source: Path) -> list[str]:
        """Write raw by date; the names of the dates' folders."""
        self.db.execute(READ, {"source": str(source)})
        self.db.execute(WRITE_RAW, {"target": str(self.folder / "raw")})
        self.db.execute("DROP TABLE lines")
        return sorted(path.name for path in (self.folder / "raw").iterdir())

    def build_date(self, date: str) -> None:
        """Write clean, rejected and fact of one date."""
        self.db.execute(DISTINCT_EVENTS, [self.files("raw", date)])
        for table, query in (("clean", CLEAN), ("rejected", REJECTED), ("fact", FACT)):
            target = self.folder / table / date / "0.parquet"
            target.parent.mkdir(parents=True)
            self.db.execute(f"COPY ({query}) TO '{target}' ({PARQUET})")
        self.duplicates[date] = self.number("SELECT sum(copies) - count(*) FROM distinct_events")

    def check_date(self, date: str) -> None:
        """Nulls, unique keys, ranges, accepted values, and counts that reconcile."""
        rows = {table: self.rows(table, date) for table in ("raw", "clean", "rejected", "fact")}
        for table in ("clean", "fact"):
            columns = self.db.execute(f"DESCRIBE FROM '{self.files(table, date)}'").fetchall()
            nulls = " OR ".join(f"{column[0]} IS NULL" for column in columns)
            counted = self.db.execute(JUDGE.format(nulls=nulls), [self.files(table, date)])
            row_count, *faults = counted.fetchall()[0]
            require(row_count == rows[table] and not any(faults), f"{table} {date}: {faults}")
        fates = rows["clean"] + rows["rejected"] + self.duplicates[date]
        require(rows["raw"] == fates, f"{date}: {rows['raw']} raw rows, {fates} accounted for")
        require(rows["fact"] == rows["clean"], f"{date}: fact and clean differ")

    def build_dims(self) -> None:
        """Write dim_users and dim_products."""
        for table, query in (("dim_users", DIM_USERS), ("dim_products", DIM_PRODUCTS)):
            target = self.folder / f"{table}.parquet"
            self.db.execute(f"COPY ({query}) TO '{target}' ({PARQUET})", [self.files("fact")])

    def counts(self) -> dict[str, int]:
        """What every contender must agree on."""
        revenue = f"SELECT sum(revenue_usd) * 100 FROM '{self.folder / 'dim_users.parquet'}'"
        return {
            "raw": self.rows("raw"),
            "duplicates": sum(self.duplicates.values()),
            "rejected": self.rows("rejected"),
            "fact": self.rows("fact"),
            "users": self.number(f"SELECT count(*) FROM '{self.folder / 'dim_users.parquet'}'"),
            "products": self.number(
                f"SELECT count(*) FROM '{self.folder / 'dim_products.parquet'}'"
            ),
            "revenue_cents": self.number(revenue),
        }

    def files(self, table: str, date: str = "*") -> str:
        """The files of a table, of one date or all."""
        return str(self.folder / table / date / "*.parquet")

    def rows(self, table: str, date: str = "*") -> int:
        """Rows of a table, from the footers of its files."""
        return self.number(f"SELECT count(*) FROM '{self.files(table, date)}'")

    def number(self, query: str) -> int:
        """The one number that a query gives."""
        return int(self.db.execute(query).fetchall()[0][0] or 0)


def main() -> None:
    """Run the month."""
    arguments = read_arguments(__doc__)
    db = duckdb.connect()
    db.execute(f"SET temp_directory = '{arguments.out / 'spill'}'")
    if arguments.memory_limit:
        db.execute(f"SET memory_limit = '{arguments.memory_limit}'")
    month = Month(db, arguments.out)
    with stage(RAW):
        dates = month.build_raw(arguments.source)
    with stage(CLEAN_FACT):
        for date in dates:
            month.build_date(date)
    with stage(CHECKS):
        for date in dates:
            month.check_date(date)
    with stage(DIMS):
        month.build_dims()
    tell_counts(month.counts())


if __name__ == "__main__":
    main()
