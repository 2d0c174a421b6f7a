"""The command as a person starts it: arguments in, exit code and both outputs back.

Belongs here: fixtures of the commands. Not here: lakes and engines (conftest.py above).
"""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from ecom_platform.cli.main import main
from ecom_platform_tests.cli.traced_objects import BARE, LINES
from ecom_platform_tests.ledger_in_small import run_all
from ecom_platform_tests.samples import at

if TYPE_CHECKING:
    from ecom_platform.settings import Settings
    from ecom_platform_tests.platform_in_small import SmallPlatform


ROOT = Path(__file__).resolve().parents[2]


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


Ecom = Callable[..., Ended]


@pytest.fixture
def ecom(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Ecom:
    """Runs `ecom` on the test's lake, through its entry point: `ecom("sql", "SELECT 1")`."""

    monkeypatch.setenv("ECOM_STATE", settings.state)

    def run(*arguments: str, stdin: str = "") -> Ended:
        monkeypatch.setattr(sys, "argv", ["ecom", "--lake", settings.lake, *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        code = ended.value.code
        return Ended(code if isinstance(code, int) else 0, out, err)

    return run


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with an instance of Dagster of its own, which keeps results of checks."""
    shutil.copy(ROOT / "dagster.yaml", tmp_path)
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def traced(platform: SmallPlatform) -> SmallPlatform:
    """A lake of two objects, the second of which repeats the first."""
    platform.drop("a.csv", *LINES)
    platform.drop("b.csv", {**at(4), **BARE}, at(5))
    run_all(platform)
    return platform
