"""Fixtures of the tests of S3: the command as a person starts it, and a PostgreSQL."""

from ecom_platform_tests.cli.conftest import ecom, home
from ecom_platform_tests.oltp.conftest import new_database, server

__all__ = ["ecom", "home", "new_database", "server"]
