"""The schema of the shop's database, brought up to date by its migrations.

Belongs here: running migrations. Not here: any migration (migrations/versions/).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ecom_platform.oltp.connection import connect

if TYPE_CHECKING:
    from alembic.config import Config

SCHEMA = "shop"
TABLES = ("brands", "categories", "products", "users", "sessions", "events")
_MIGRATIONS = Path(__file__).with_name("migrations")


def migrate(url: str) -> None:
    """Apply the migrations that a database lacks, all or none.

    Args:
        url: Address of the database.

    Raises:
        OltpUnavailable: there is no connection.
    """
    from alembic import command

    with migrations(url) as config:
        command.upgrade(config, "head")


@contextmanager
def migrations(url: str) -> Iterator[Config]:
    """What Alembic's commands take, over one transaction that ends with the block.

    Args:
        url: Address of the database.

    Raises:
        OltpUnavailable: there is no connection.
    """
    from alembic.config import Config
    from sqlalchemy import create_engine, pool

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: connect(url), poolclass=pool.NullPool
    )
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        yield config
