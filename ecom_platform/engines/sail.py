"""Sail: a Spark Connect server in Rust, started inside this process; needs no Java.

Belongs here: starting Sail and its limits. Not here: settings that other engines share.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from ecom_platform.settings import silence_native_engine

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# One server a process: it owns the worker threads.
_servers: list[Any] = []
_lock = threading.Lock()


def open_sail_session() -> SparkSession:
    """Start Sail in this process, once, and return its session.

    The server listens on a free loopback port and ends with the process.
    """
    from pyspark.sql import SparkSession

    return SparkSession.builder.remote(f"sc://127.0.0.1:{_server_port()}").getOrCreate()


def _server_port() -> int:
    with _lock:
        if not _servers:
            silence_native_engine()
            from pysail.spark import SparkConnectServer

            server = SparkConnectServer(ip="127.0.0.1", port=0)
            server.start(background=True)
            _servers.append(server)
        return int(_servers[0].listening_address[1])
