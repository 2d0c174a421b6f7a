"""Data sets that several tests look at: a month without faults, and five days with all of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from ecom_platform.generator import (
    FaultPlan,
    GenerationReport,
    GeneratorConfig,
    LateRows,
    LostType,
    generate,
)

APRIL = (dt.date(2020, 4, 1), dt.date(2020, 4, 30))


@dataclass(frozen=True)
class Generated:
    """A folder of generated files, with what was asked for and reported."""

    config: GeneratorConfig
    folder: Path
    report: GenerationReport

    @property
    def readable(self) -> list[Path]:
        """All files but the truncated ones, in the order of writing."""
        return [self.folder / file.name for file in self.report.files if file.kind != "truncated"]


@pytest.fixture(scope="session")
def month(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    """April 2020 in 300,000 rows, plain, without injected faults."""
    config = GeneratorConfig(*APRIL, rows=300_000, compression="none")
    folder = tmp_path_factory.mktemp("month")
    return Generated(config, folder, generate(config, folder))


@pytest.fixture(scope="session")
def ask(month: Generated) -> Callable[[str], tuple]:
    """Ask one row of the month by SQL; its rows are the table `events`."""
    database = duckdb.connect()
    database.execute(
        "CREATE TABLE events AS SELECT * FROM read_csv(?, header=true, all_varchar=true)",
        [str(month.folder / "2020-Apr.csv")],
    )

    def one_row(query: str) -> tuple:
        row = database.execute(query).fetchone()
        assert row is not None
        return row

    return one_row


@pytest.fixture(scope="session")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    """Five days in 60,000 rows, a file a day, with every fault; a day file comes twice."""
    days = [dt.date(2020, 4, day) for day in range(18, 23)]
    config = GeneratorConfig(
        days[0],
        days[-1],
        rows=60_000,
        split="day",
        faults=FaultPlan(
            malformed_lines=90,
            lost=(LostType("purchase", days[2]), LostType("cart", days[2])),
            late=(LateRows(days[1], 0.2), LateRows(days[3], 0.01)),
            repeated_files=(f"events_{days[0]}.csv.gz", f"events_{days[1]}_late.csv.gz"),
            truncated_dates=(days[4],),
        ),
    )
    folder = tmp_path_factory.mktemp("faulty")
    return Generated(config, folder, generate(config, folder))
