"""Fixtures of the tests of S3: the command as a person starts it."""

from ecom_platform_tests.cli.conftest import ecom

__all__ = ["ecom"]
