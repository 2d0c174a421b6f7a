"""A PostgreSQL of the tests' own, and in it a database of its own for every test.

Belongs here: fixtures. Not here: what the tests of one subject look at.
"""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from ecom_platform.errors import OltpUnavailable
from ecom_platform.generator import GeneratorConfig
from ecom_platform.oltp.connection import connect
from ecom_platform.oltp.load import load_generated
from ecom_platform.oltp.migrate import migrate
from ecom_platform.oltp.server import EmbeddedServer

NewDatabase = Callable[[str], str]
Ask = Callable[..., list[tuple[Any, ...]]]

DAY = GeneratorConfig(dt.date(2020, 4, 1), dt.date(2020, 4, 1), rows=1500)


@pytest.fixture
def server_folder() -> Iterator[Path]:
    """A folder that the account of a server may pass: those of pytest are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="ecom-oltp-test-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    """One server for all tests of a process."""
    folder = Path(tempfile.mkdtemp(prefix="ecom-oltp-tests-"))
    server = EmbeddedServer(folder, durable=False)
    try:
        server.start()
    except OltpUnavailable as fault:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"PostgreSQL does not run here: {fault}")
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def new_database(server: EmbeddedServer) -> NewDatabase:
    """Makes a database like another one, and gives its address."""
    numbers = count(1)

    def make(like: str) -> str:
        name = f"test_{next(numbers)}"
        with connect(server.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {like}")
        return server.url(name)

    return make


@pytest.fixture(scope="session")
def empty_template(server: EmbeddedServer, new_database: NewDatabase) -> str:
    url = new_database("template0")
    migrate(url)
    return url.rpartition("/")[2]


@pytest.fixture(scope="session")
def loaded_template(server: EmbeddedServer, new_database: NewDatabase, empty_template: str) -> str:
    url = new_database(empty_template)
    load_generated(url, DAY)
    return url.rpartition("/")[2]


@pytest.fixture
def empty_shop(new_database: NewDatabase, empty_template: str) -> str:
    """Address of a database with the shop's tables and no row."""
    return new_database(empty_template)


@pytest.fixture
def shop(new_database: NewDatabase, loaded_template: str) -> str:
    """Address of a database with a day of about 1,500 events."""
    return new_database(loaded_template)


@pytest.fixture
def ask() -> Ask:
    """Rows of a query: `ask(url, "SELECT ...")`; what it changes is committed."""

    def rows(url: str, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with connect(url) as connection:
            cursor = connection.execute(query, values or None)
            return cursor.fetchall() if cursor.description else []

    return rows
