"""The month by hand in Polars: CSV.gz to raw, clean, rejected, fact, checks, dimensions.

Belongs here: what an engineer would write in an afternoon. Not here: late data, re-runs, more
than one file, lines that are no event (a malformed line fails the script).
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

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

SCHEMA = {
    "event_time": pl.String(),
    "event_type": pl.String(),
    "product_id": pl.Int64(),
    "category_id": pl.Int64(),
    "category_code": pl.String(),
    "brand": pl.String(),
    "price": pl.Decimal(12, 2),
    "user_id": pl.Int64(),
    "user_session": pl.String(),
}
NINE = list(SCHEMA)
EVENT_TYPES = ["view", "cart", "remove_from_cart", "purchase"]
IS_PURCHASE = pl.col("event_type") == "purchase"


class Month:
    """The tables of one month in a folder, one folder of Parquet files a date."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.duplicates: dict[str, int] = {}

    def build_raw(self, source: Path) -> list[str]:
        """Write raw by date, as a stream; the names of the dates' folders."""
        # Line 1 is the header, so the first event is line 2.
        lines = pl.scan_csv(source, schema=SCHEMA, row_index_name="source_row", row_index_offset=2)
        when = pl.col("event_time").str.to_datetime(
            "%Y-%m-%d %H:%M:%S UTC", time_unit="us", time_zone="UTC"
        )
        raw = lines.with_columns(
            when.alias("event_time"),
            when.dt.date().alias("event_date"),
            pl.col("source_row").cast(pl.Int64),
        )
        by_date = pl.PartitionBy(self.folder / "raw", key="event_date", include_key=True)
        raw.sink_parquet(by_date, compression="zstd", mkdir=True, engine="streaming")
        return sorted(path.name for path in (self.folder / "raw").iterdir())

    def build_date(self, date: str) -> None:
        """Write clean, rejected and fact of one date."""
        events = (
            self.scan("raw", date)
            .group_by(*NINE, "event_date")
            .agg(pl.min("source_row"), pl.len().alias("copies"))
            .collect()
            .with_columns(pl.struct(NINE).hash().alias("event_id"), reason().alias("reason"))
        )
        self.duplicates[date] = int(events["copies"].sum()) - events.height
        accepted = pl.col("reason").is_null()
        clean = (
            events.filter(accepted)
            .drop("copies", "reason")
            .with_columns(pl.col("category_code", "brand").fill_null("unknown"))
        )
        self.write(clean, "clean", date)
        self.write(events.filter(~accepted).drop("copies"), "rejected", date)
        self.write(clean.select(*fact_columns()), "fact", date)

    def check_date(self, date: str) -> None:
        """Nulls, unique keys, ranges, accepted values, and counts that reconcile."""
        rows = {table: self.rows(table, date) for table in ("raw", "clean", "rejected", "fact")}
        for table in ("clean", "fact"):
            row_count, *faults = (
                self.scan(table, date)
                .select(
                    pl.len(),
                    (pl.len() - pl.col("event_id").n_unique()).alias("repeated_keys"),
                    pl.any_horizontal(pl.all().is_null()).sum().alias("nulls"),
                    (pl.min_horizontal("price", "user_id", "product_id") <= 0).sum().alias("low"),
                    (~pl.col("event_type").is_in(EVENT_TYPES)).sum().alias("odd_types"),
                    (pl.col("event_date") != pl.col("event_time").dt.date()).sum().alias("odd"),
                )
                .collect()
                .row(0)
            )
            require(row_count == rows[table] and not any(faults), f"{table} {date}: {faults}")
        fates = rows["clean"] + rows["rejected"] + self.duplicates[date]
        require(rows["raw"] == fates, f"{date}: {rows['raw']} raw rows, {fates} accounted for")
        require(rows["fact"] == rows["clean"], f"{date}: fact and clean differ")

    def build_dims(self) -> None:
        """Write dim_users and dim_products."""
        users = (
            self.scan("fact")
            .group_by("user_id")
            .agg(
                *seen_and_counted(),
                pl.col("event_date").n_unique().alias("active_day_count"),
                pl.col("price").filter(IS_PURCHASE).sum().alias("revenue_usd"),
            )
        )
        latest = pl.col("event_time").arg_max()
        products = (
            self.scan("fact")
            .group_by("product_id")
            .agg(
                *seen_and_counted(),
                pl.col("brand", "category_name").get(latest),
                pl.col("price").get(latest).alias("current_price"),
                pl.min("price").alias("lowest_price"),
                pl.max("price").alias("highest_price"),
            )
        )
        users.sink_parquet(self.folder / "dim_users.parquet", engine="streaming")
        products.sink_parquet(self.folder / "dim_products.parquet", engine="streaming")

    def counts(self) -> dict[str, int]:
        """What every contender must agree on."""
        users = pl.read_parquet(self.folder / "dim_users.parquet", columns=["revenue_usd"])
        products = pl.scan_parquet(self.folder / "dim_products.parquet")
        return {
            "raw": self.rows("raw"),
            "duplicates": sum(self.duplicates.values()),
            "rejected": self.rows("rejected"),
            "fact": self.rows("fact"),
            "users": users.height,
            "products": int(products.select(pl.len()).collect().item()),
            "revenue_cents": int(users["revenue_usd"].sum() * 100),
        }

    def scan(self, table: str, date: str = "*") -> pl.LazyFrame:
        """A table, of one date or all."""
        files = self.folder / table / date / "*.parquet"
        return pl.scan_parquet(files, hive_partitioning=False)

    def rows(self, table: str, date: str = "*") -> int:
        """Rows of a table, from the footers of its files."""
        return int(self.scan(table, date).select(pl.len()).collect().item())

    def write(self, rows: pl.DataFrame, table: str, date: str) -> None:
        """Write a table's rows of one date."""
        rows.write_parquet(self.folder / table / date / "0.parquet", mkdir=True)


def reason() -> pl.Expr:
    """The first rule that an event breaks, or null."""
    return (
        pl.when(pl.col("user_session").is_null())
        .then(pl.lit("null_user_session"))
        .when(~pl.col("event_type").is_in(EVENT_TYPES).fill_null(False))
        .then(pl.lit("unknown_event_type"))
        .when(pl.col("price") <= 0)
        .then(pl.lit("price_not_positive"))
    )


def fact_columns() -> list[pl.Expr]:
    """fact_user_events from clean rows."""
    same = "event_id event_time event_date event_type user_id product_id price".split()
    return [
        *(pl.col(name) for name in same),
        pl.col("user_session").alias("session_id"),
        pl.col("category_code").alias("category_name"),
        pl.col("brand"),
        pl.lit("unknown").alias("device_type"),
        pl.lit("unknown").alias("source_channel"),
        pl.col("event_time").dt.weekday().cast(pl.Int32).alias("day_of_week"),
        pl.col("event_time").dt.hour().cast(pl.Int32).alias("hour_of_day"),
    ]


def seen_and_counted() -> list[pl.Expr]:
    """What both dimensions say of a key's events."""
    return [
        pl.min("event_time").alias("first_seen_at"),
        pl.max("event_time").alias("last_seen_at"),
        *(
            (pl.col("event_type") == event_type).sum().alias(f"{event_type}_count")
            for event_type in ("view", "cart", "purchase")
        ),
    ]


def main() -> None:
    """Run the month. Polars knows no limit of memory."""
    arguments = read_arguments(__doc__)
    month = Month(arguments.out)
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
