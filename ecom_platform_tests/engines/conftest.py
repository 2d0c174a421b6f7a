"""Real Spark Connect servers: one on the JVM from the installed pyspark, one of Sail.

Belongs here: fixtures of the engine tests. Not here: the tests.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pyspark
import pytest

from ecom_platform.engines.session import open_session

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_SERVER = "org.apache.spark.sql.connect.service.SparkConnectServer"
_SECONDS_TO_START = 120


def need_java() -> None:
    """Skip, with the reason, where the JVM cannot run."""
    if shutil.which("java") is None:
        pytest.skip("no java on the PATH: `ecom doctor` says how to get it")


@pytest.fixture(scope="session")
def connect_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Spark Connect server on the JVM."""
    need_java()
    port = _free_port()
    home = Path(pyspark.__file__).parent
    folder = tmp_path_factory.mktemp("connect")
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(
            [
                str(home / "bin" / "spark-submit"),
                *("--class", _SERVER, "--name", "parity", "--master", "local[2]"),
                *("--conf", "spark.ui.enabled=false", "--conf", "spark.sql.shuffle.partitions=2"),
                *("--conf", "spark.connect.grpc.binding.address=127.0.0.1"),
                *("--conf", f"spark.connect.grpc.binding.port={port}", "spark-internal"),
            ],
            env={**os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1"},
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _await_port(server, port)
            yield f"sc://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=30)


@pytest.fixture(scope="session")
def sail_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Sail server in a process of its own."""
    port = _free_port()
    command = [sys.executable, "-m", "pysail", "spark", "server", "--port", str(port)]
    folder = tmp_path_factory.mktemp("sail-server")
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
        try:
            _await_port(server, port)
            yield f"sc://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=30)


@pytest.fixture(scope="session")
def jvm(connect_address: str) -> Iterator[SparkSession]:
    """A session of the engine `connect` on the JVM; ended before its server is."""
    session = open_session("connect", connect_address)
    yield session
    session.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_port(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"the server ended with {server.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise RuntimeError(f"the server did not listen within {_SECONDS_TO_START} s")
