"""The month by hand in PySpark on the JVM, two cores: CSV.gz to raw, fact, checks, dimensions.

Belongs here: what an engineer would write in an afternoon. Not here: late data, re-runs, more
than one file, lines that are no event (a malformed line fails the script).
"""

from __future__ import annotations

from pathlib import Path

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from bench.scripts.stopwatch import (
    CHECKS,
    CLEAN_FACT,
    DIMS,
    RAW,
    Arguments,
    read_arguments,
    require,
    stage,
    tell_counts,
)

TYPES = {
    "event_time": "TIMESTAMP",
    "event_type": "STRING",
    "product_id": "BIGINT",
    "category_id": "BIGINT",
    "category_code": "STRING",
    "brand": "STRING",
    "price": "DECIMAL(12,2)",
    "user_id": "BIGINT",
    "user_session": "STRING",
}
NINE = list(TYPES)
EVENT_TYPES = ["view", "cart", "remove_from_cart", "purchase"]


class Month:
    """The tables of one month in a folder, one folder of Parquet files a date."""

    def __init__(self, spark: SparkSession, folder: Path) -> None:
        self.spark = spark
        self.folder = folder
        self.duplicates = 0

    def build_raw(self, source: Path) -> None:
        """Write raw by date. One gzip file is one task, so its rows can be numbered in order."""
        lines = self.spark.read.csv(
            str(source),
            header=True,
            schema=", ".join(f"{name} {kind}" for name, kind in TYPES.items()),
            timestampFormat="yyyy-MM-dd HH:mm:ss 'UTC'",
            mode="FAILFAST",
        )
        numbered = lines.withColumn("source_row", F.monotonically_increasing_id() + 2)
        self.write(numbered.withColumn("event_date", F.to_date("event_time")), "raw")

    def build_fact(self) -> None:
        """Write distinct events once, then clean, rejected and fact from them, by date."""
        distinct = (
            self.read("raw")
            .groupBy(*NINE, "event_date")
            .agg(F.min("source_row").alias("source_row"), F.count(F.lit(1)).alias("copies"))
            .withColumn("event_id", F.xxhash64(*NINE))
            .withColumn("reason", reason())
            .persist()
        )
        copies = distinct.agg(F.sum("copies") - F.count(F.lit(1))).collect()[0][0]
        self.duplicates = int(copies or 0)
        accepted = distinct.where("reason IS NULL").drop("copies", "reason")
        clean = accepted.fillna("unknown", ["category_code", "brand"])
        self.write(clean, "clean")
        self.write(distinct.where("reason IS NOT NULL").drop("copies"), "rejected")
        self.write(clean.select(*fact_columns()), "fact")
        distinct.unpersist()

    def check(self) -> None:
        """Nulls, unique keys, ranges, accepted values, and counts that reconcile, by date."""
        rows = {table: self.rows_by_date(table) for table in ("raw", "clean", "rejected", "fact")}
        for table in ("clean", "fact"):
            stored = self.read(table)
            nulls = " OR ".join(f"{name} IS NULL" for name in stored.columns)
            faults = stored.agg(
                count_if(nulls),
                count_if("price <= 0 OR user_id <= 0 OR product_id <= 0"),
                count_if(f"event_type NOT IN {tuple(EVENT_TYPES)}"),
                count_if("event_date <> to_date(event_time)"),
            ).collect()[0]
            require(not any(faults), f"{table}: {faults}")
            keys = stored.groupBy("event_date", "event_id").count().where("count > 1")
            require(keys.count() == 0, f"{table}: a key stands in more than one row")
        require(rows["clean"] == rows["fact"], "fact and clean differ")
        fates = sum(rows["clean"].values()) + sum(rows["rejected"].values()) + self.duplicates
        require(sum(rows["raw"].values()) == fates, f"{fates} raw rows are accounted for")

    def build_dims(self) -> None:
        """Write dim_users and dim_products."""
        fact = self.read("fact")
        bought = F.when(F.col("event_type") == "purchase", F.col("price"))
        users = fact.groupBy("user_id").agg(
            *seen_and_counted(),
            F.count_distinct("event_date").alias("active_day_count"),
            F.coalesce(F.sum(bought), F.lit(0)).alias("revenue_usd"),
        )
        products = fact.groupBy("product_id").agg(
            *seen_and_counted(),
            *(
                F.max_by(name, "event_time").alias(f"current_{name}")
                for name in ("brand", "category_name", "price")
            ),
            F.min("price").alias("lowest_price"),
            F.max("price").alias("highest_price"),
        )
        users.write.parquet(str(self.folder / "dim_users"))
        products.write.parquet(str(self.folder / "dim_products"))

    def counts(self) -> dict[str, int]:
        """What every contender must agree on."""
        users, products = self.read("dim_users"), self.read("dim_products")
        revenue = users.agg(F.sum("revenue_usd")).collect()[0][0]
        return {
            "raw": self.read("raw").count(),
            "duplicates": self.duplicates,
            "rejected": self.read("rejected").count(),
            "fact": self.read("fact").count(),
            "users": users.count(),
            "products": products.count(),
            "revenue_cents": int(revenue * 100),
        }

    def read(self, table: str) -> DataFrame:
        """A table."""
        return self.spark.read.parquet(str(self.folder / table))

    def rows_by_date(self, table: str) -> dict[str, int]:
        """Rows of a table, by date."""
        counted = self.read(table).groupBy("event_date").count().collect()
        return {str(row["event_date"]): row["count"] for row in counted}

    def write(self, rows: DataFrame, table: str) -> None:
        """Write a table by date."""
        rows.write.partitionBy("event_date").parquet(str(self.folder / table))


def reason() -> Column:
    """The first rule that an event breaks, or null."""
    return (
        F.when(F.col("user_session").isNull(), "null_user_session")
        .when(
            ~F.coalesce(F.col("event_type").isin(EVENT_TYPES), F.lit(False)), "unknown_event_type"
        )
        .when(F.col("price") <= 0, "price_not_positive")
    )


def fact_columns() -> list[Column]:
    """fact_user_events from clean rows."""
    same = "event_id event_time event_date event_type user_id product_id price brand".split()
    return [
        *(F.col(name) for name in same),
        F.col("user_session").alias("session_id"),
        F.col("category_code").alias("category_name"),
        F.lit("unknown").alias("device_type"),
        F.lit("unknown").alias("source_channel"),
        (F.weekday("event_time") + 1).alias("day_of_week"),
        F.hour("event_time").alias("hour_of_day"),
    ]


def seen_and_counted() -> list[Column]:
    """What both dimensions say of a key's events."""
    return [
        F.min("event_time").alias("first_seen_at"),
        F.max("event_time").alias("last_seen_at"),
        *(
            F.count_if(F.col("event_type") == event_type).alias(f"{event_type}_count")
            for event_type in ("view", "cart", "purchase")
        ),
    ]


def count_if(condition: str) -> Column:
    """Rows for which a condition holds."""
    return F.count_if(F.expr(condition))


def open_spark(arguments: Arguments) -> SparkSession:
    """A local session on two cores."""
    settings = {
        "spark.driver.memory": (arguments.memory_limit or "6GB").upper().removesuffix("B"),
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.local.dir": str(arguments.out / "spill"),
        "spark.sql.warehouse.dir": str(arguments.out / "warehouse"),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.parquet.compression.codec": "zstd",
        "spark.sql.shuffle.partitions": "8",
    }
    builder = SparkSession.builder.master("local[2]").appName("bench")
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def main() -> None:
    """Run the month."""
    arguments = read_arguments(__doc__)
    spark = open_spark(arguments)
    spark.sparkContext.setLogLevel("ERROR")
    month = Month(spark, arguments.out)
    with stage(RAW):
        month.build_raw(arguments.source)
    with stage(CLEAN_FACT):
        month.build_fact()
    with stage(CHECKS):
        month.check()
    with stage(DIMS):
        month.build_dims()
    tell_counts(month.counts())
    spark.stop()


if __name__ == "__main__":
    main()
