"""Sail: a Spark Connect server in Rust, started inside this process; needs no Java.

Belongs here: starting Sail and its limits. Not here: settings that other engines share.
"""

from __future__ import annotations

import threading
from typing import Any

from ecom_platform.settings import prepare_native_engine

# One server a process: it owns the worker threads.
_servers: list[Any] = []
_lock = threading.Lock()


def sail_address() -> str:
    """Start Sail in this process, once, and give its address.

    The server listens on a free loopback port and ends with the process.
    """
    with _lock:
        if not _servers:
            prepare_native_engine()
            from pysail.spark import SparkConnectServer

            server = SparkConnectServer(ip="127.0.0.1", port=0)
            server.start(background=True)
            _servers.append(server)
        return f"sc://127.0.0.1:{_servers[0].listening_address[1]}"
