"""What `ecom demo` tells at its end: commands that work in the shell that reads them."""

from __future__ import annotations

import sys

import pytest

from ecom_platform.cli import demo
from ecom_platform.settings import load_settings


def told(lake: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    demo._print_where_to_look(load_settings(lake=lake, _env_file=None))
    return capsys.readouterr().out.splitlines()


def test_a_lake_in_a_folder_needs_no_variables(capsys: pytest.CaptureFixture[str]) -> None:
    lines = told("some/lake", capsys)
    assert not [line for line in lines if "eval" in line or "S3=1" in line]
    assert any(line.split()[:2] == ["make", "dev"] for line in lines)


def test_a_bucket_on_this_machine_is_named_to_the_shell_first(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:8333")
    commands = [line for line in told("s3://lake/demo", capsys) if line.startswith("  ")]
    assert 's3 up)"' in commands[0]
    assert any(line.split()[:3] == ["make", "dev", "S3=1"] for line in commands)


def test_a_command_that_the_shell_would_not_find_is_named_as_it_was_called(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", [".venv/bin/ecom", "demo"])
    monkeypatch.setenv("PATH", "")
    assert any(line.startswith("  .venv/bin/ecom status") for line in told("some/lake", capsys))
