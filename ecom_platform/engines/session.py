"""The settings that make every engine give the same results, and the way to get a session.

Belongs here: choosing and configuring an engine. Not here: anything that only one engine needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecom_platform.errors import EngineUnavailable
from ecom_platform.settings import Engine

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# One meaning of time, casts that give NULL instead of an error (Spark 3.5's default, which
# Glue runs), and timestamps that Iceberg accepts (it refuses INT96).
PORTABLE_CONFIG = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "false",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
}


def open_session(engine: Engine, remote: str | None = None) -> SparkSession:
    """Open (or return) this process's session on an engine.

    Args:
        engine: sail, local or connect.
        remote: address of the Spark Connect server, for `connect`.

    Raises:
        EngineUnavailable: the engine cannot start here; the message says what it needs.
    """
    match engine:
        case "sail":
            from ecom_platform.engines.sail import open_sail_session

            session = open_sail_session()
        case "local":
            from ecom_platform.engines.local import open_local_session

            session = open_local_session()
        case "connect":
            session = _connect(remote or "")
    for key, value in PORTABLE_CONFIG.items():
        session.conf.set(key, value)
    return session


def _connect(address: str) -> SparkSession:
    from pyspark.sql import SparkSession

    try:
        return SparkSession.builder.remote(address).getOrCreate()
    except Exception as fault:
        raise EngineUnavailable(
            f"no Spark Connect server answers at {address}: {fault}; "
            "start it, or set ECOM_ENGINE=sail"
        ) from fault
