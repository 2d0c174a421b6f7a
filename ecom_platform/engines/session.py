"""The settings that make every engine give the same results, and the way to get a session.

Belongs here: choosing and configuring an engine. Not here: anything that only one engine needs.
"""

from __future__ import annotations

import atexit
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

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
            from ecom_platform.engines.sail import sail_address

            session = _connect(sail_address())
        case "local":
            from ecom_platform.engines.local import open_local_session

            session = open_local_session()
        case "connect":
            _require_answer(remote or "")
            session = _connect(remote or "")
    return session


def _connect(address: str) -> SparkSession:
    """The session with a Spark Connect server: one a server, whatever other sessions exist.

    `getOrCreate` would return the active session, also when it belongs to another server.
    """
    from pyspark.sql import SparkSession
    from pyspark.sql.connect.client.retries import DefaultPolicy

    session = _sessions.get(address)
    if session is None or session.is_stopped:  # type: ignore[attr-defined]  # of Connect
        session = SparkSession.builder.remote(address).create()
        # By default the client asks a server that is gone for ten minutes, also at the end.
        session.client.set_retry_policies([DefaultPolicy(max_retries=6, max_backoff=4000)])
        for key, value in PORTABLE_CONFIG.items():
            session.conf.set(key, value)
        # Left to the interpreter's end, closing the channel would wait for a thread that is gone.
        atexit.register(session.stop)
        _sessions[address] = session
    return session


def _require_answer(address: str) -> None:
    """Fail at once when nothing listens: the client itself would try again for minutes.

    Raises:
        EngineUnavailable: no server answers at the address.
    """
    place = urlsplit(address)
    try:
        if place.scheme != "sc" or not place.hostname:
            raise OSError("the address must look like sc://host:port")
        port = place.port or _DEFAULT_PORT
        with socket.create_connection((place.hostname, port), timeout=_SECONDS_TO_ANSWER):
            pass
    except (OSError, ValueError) as fault:
        raise EngineUnavailable(
            f"no Spark Connect server answers at {place.hostname}:{place.port or _DEFAULT_PORT} "
            f"(ECOM_SPARK_REMOTE): {fault}; start it, or set ECOM_ENGINE=sail"
        ) from fault


_DEFAULT_PORT = 15002
_SECONDS_TO_ANSWER = 5.0
_sessions: dict[str, SparkSession] = {}
