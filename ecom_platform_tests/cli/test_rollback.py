"""`ecom history`, `ecom rollback` and `ecom release`: what they show, ask and refuse."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from ecom_platform_tests.samples import DAY, at
from ecom_platform_tests.upkeep_in_small import CLEAN, FACT

if TYPE_CHECKING:
    from ecom_platform_tests.cli.conftest import Ecom
    from ecom_platform_tests.platform_in_small import SmallPlatform


@pytest.fixture(autouse=True)
def _wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "250")


@pytest.fixture
def two_runs(platform: SmallPlatform) -> SmallPlatform:
    platform.drop("a.csv", at(1))
    platform.run()
    platform.drop("bad.csv", at(5), at(6))
    platform.run()
    return platform


def versions(ecom: Ecom, table: str = CLEAN, *options: str) -> list[dict]:
    ended = ecom("history", table, "--format", "json", *options)
    assert ended.code == 0, ended.err
    return json.loads(ended.out)


def test_the_whole_life_of_a_rollback(two_runs: SmallPlatform, ecom: Ecom) -> None:
    newest, first = versions(ecom)
    assert (newest["rows_added"], newest["rows_removed"], newest["row_count"]) == (3, 1, 3)
    assert (newest["is_current"], first["is_current"]) == (True, False)
    assert (newest["kept_until"], newest["operation"]) == (None, "publish")

    version = str(first["snapshot_id"])
    done = ecom("rollback", CLEAN, "--to", version, "--yes", "--reason", "a bad file")
    assert done.code == 0, done.err
    assert "Held until `ecom release clean_events`: 2020-04-01" in done.out
    back = versions(ecom, CLEAN, "--limit", "1")[0]
    assert (back["operation"], back["row_count"]) == ("rollback", 1)
    assert "a bad file" in back["note"]

    status = ecom("status")
    assert "Held: clean_events 2020-04-01" in status.out
    (held,) = json.loads(ecom("status", "--format", "json").out)["held"]
    assert (held["table_name"], held["reason"]) == (CLEAN, "a bad file")

    run = ecom("run")
    assert run.code == 0, run.err
    assert "Held: clean_events 2020-04-01" in run.out
    assert (len(two_runs.rows(CLEAN)), len(two_runs.rows(FACT))) == (1, 1)

    assert ecom("release", CLEAN, "--date", str(DAY)).code == 0
    run = ecom("run")
    assert "Held" not in run.out
    assert (len(two_runs.rows(CLEAN)), len(two_runs.rows(FACT))) == (3, 3)


def test_it_asks_before_it_does_anything(two_runs: SmallPlatform, ecom: Ecom) -> None:
    first = str(versions(ecom)[1]["snapshot_id"])
    refused = ecom("rollback", CLEAN, "--to", first, stdin="n\n")
    assert refused.code == 1
    assert "2020-04-01" in refused.out
    assert len(two_runs.rows(CLEAN)) == 3
    assert ecom("rollback", CLEAN, "--to", first, stdin="y\n").code == 0
    assert len(two_runs.rows(CLEAN)) == 1


def test_history_of_a_date_leaves_other_dates_out(platform: SmallPlatform, ecom: Ecom) -> None:
    platform.drop("a.csv", at(1))
    platform.run()
    platform.drop("b.csv", at(1, day=DAY.replace(day=2)))
    platform.run()
    assert len(versions(ecom)) == 2
    (only,) = versions(ecom, CLEAN, "--date", "2020-04-02")
    assert only["slice_label"] == "2020-04-02"
    assert "publish" in ecom("history", CLEAN).out


@pytest.mark.usefixtures("two_runs")
def test_going_back_to_what_is_there_changes_nothing(ecom: Ecom) -> None:
    ended = ecom("rollback", CLEAN, "--to", str(versions(ecom)[0]["snapshot_id"]))
    assert (ended.code, "nothing to put back" in ended.out) == (0, True)
    assert len(versions(ecom)) == 2


@pytest.mark.parametrize(
    ("arguments", "message", "code"),
    [
        (["rollback", CLEAN, "--to", "yesterday"], "neither a version nor a time", 2),
        (["rollback", CLEAN, "--to", "1"], "nothing was published", 1),
        (["rollback", CLEAN, "--to", "1", "--to-date", "2020-04-01"], "--to-date needs --from", 2),
        (["rollback", CLEAN, "--to", "1", "--date", "soon"], "write dates like", 2),
        (
            ["rollback", CLEAN, "--to", "1", "--date", "2020-04-01", "--from", "2020-04-01"],
            "name one date",
            2,
        ),
        (["release", CLEAN], "say which dates", 2),
        (["release", CLEAN, "--all", "--date", "2020-04-01"], "say which dates", 2),
        (["release", CLEAN, "--all"], "nothing of clean_events is held", 1),
        (["history", "clean"], "there is no table 'clean'", 1),
        (["history", CLEAN], "nothing was published in clean_events", 1),
    ],
)
def test_a_mistake_is_told_in_one_line(
    ecom: Ecom, arguments: list[str], message: str, code: int
) -> None:
    ended = ecom(*arguments)
    assert ended.code == code
    assert message in ended.err
    assert len(ended.err.strip().splitlines()) == 1
