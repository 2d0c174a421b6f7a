"""The schema is brought up to date by migrations, and taken back by them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic import command

from ecom_platform.oltp.migrate import SCHEMA, TABLES, migrate, migrations

if TYPE_CHECKING:
    from ecom_platform_tests.oltp.conftest import Ask, NewDatabase

_TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = %s"


def test_migrations_can_be_applied_again_and_taken_back(
    new_database: NewDatabase, ask: Ask
) -> None:
    url = new_database("template0")
    for _ in range(2):
        migrate(url)
        assert {name for (name,) in ask(url, _TABLES, SCHEMA)} == set(TABLES)
    with migrations(url) as config:
        command.downgrade(config, "base")
    assert ask(url, _TABLES, SCHEMA) == []
    migrate(url)
    assert len(ask(url, _TABLES, SCHEMA)) == len(TABLES)


def test_every_table_has_a_key_and_says_what_the_log_keeps_of_old_rows(
    empty_shop: str, ask: Ask
) -> None:
    rows = ask(
        empty_shop,
        """SELECT relname, relreplident, EXISTS (
            SELECT FROM pg_index WHERE indrelid = pg_class.oid AND indisprimary)
        FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind = 'r'""",
        SCHEMA,
    )
    assert {name for name, _, _ in rows} == set(TABLES)
    assert {(identity, has_key) for _, identity, has_key in rows} == {("d", True)}
