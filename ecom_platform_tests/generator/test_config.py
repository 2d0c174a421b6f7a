"""Choices that cannot be generated are refused with the value and the remedy."""

from __future__ import annotations

import datetime as dt

import pytest

from ecom_platform.generator import (
    FaultPlan,
    GeneratorConfig,
    GeneratorError,
    LateRows,
    LostType,
)
from ecom_platform.generator.options import fault_plan, period, to_date

DAY = dt.date(2020, 4, 1)
NEXT = dt.date(2020, 4, 2)


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"rows": 0}, "rows is 0"),
        ({"rows": 10**9}, "100 million a day"),
        ({"seed": -1}, "seed is -1"),
        ({"start": NEXT, "end": DAY}, "ends .* before it starts"),
        ({"start": dt.date(1999, 1, 1)}, "leaves 2010-01-01"),
        ({"split": "week"}, "split is 'week'"),
        ({"compression": "zip"}, "compression is 'zip'"),
        ({"hours": (24,)}, "use 0 to 23"),
        ({"dates": (NEXT,)}, "2020-04-02 lies outside"),
    ],
)
def test_a_choice_that_cannot_be_generated_is_refused(choice: dict, message: str) -> None:
    values = {"start": DAY, "end": DAY, "rows": 10} | choice
    with pytest.raises(GeneratorError, match=message):
        GeneratorConfig(**values)


@pytest.mark.parametrize(
    ("faults", "message"),
    [
        ({"malformed_lines": -1}, "malformed lines are -1"),
        ({"lost": (LostType("remove_from_cart", DAY),)}, "'remove_from_cart' is not generated"),
        ({"lost": (LostType("view", NEXT),)}, "lost: 2020-04-02 lies outside"),
        ({"late": (LateRows(DAY, 1.5),)}, "share for 2020-04-01 is 1.5"),
        ({"late": (LateRows(DAY, 0.5), LateRows(DAY, 0.1))}, "late: the same value"),
        ({"truncated_dates": (NEXT,)}, "truncated: 2020-04-02"),
        ({"repeated_files": ("a", "a")}, "repeated: the same value"),
    ],
)
def test_a_fault_that_cannot_be_injected_is_refused(faults: dict, message: str) -> None:
    with pytest.raises(GeneratorError, match=message):
        GeneratorConfig(DAY, DAY, 10, faults=FaultPlan(**faults))


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ((None, None, None, None), ("2020-04-01", "2020-04-30")),
        (("2020-02", None, None, None), ("2020-02-01", "2020-02-29")),
        ((None, "2020-02-27", "2020-03-02", None), ("2020-02-27", "2020-03-02")),
        ((None, None, None, "2019-10-05"), ("2019-10-05", "2019-10-05")),
        (("2019-10", None, None, "2019-10-05"), ("2019-10-01", "2019-10-31")),
    ],
)
def test_a_period_is_a_month_or_a_range_or_a_date(texts: tuple, expected: tuple) -> None:
    assert tuple(map(str, period(*texts))) == expected


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (("2020-13", None, None, None), "'2020-13' is no month"),
        (("2020-04", "2020-04-01", None, None), "use one of them"),
        ((None, "2020-04-01", None, None), "belong together"),
        ((None, "2020-04-31", "2020-05-01", None), "--from '2020-04-31' is no date"),
    ],
)
def test_a_misspelt_period_is_refused(texts: tuple, message: str) -> None:
    with pytest.raises(GeneratorError, match=message):
        period(*texts)


def test_faults_are_read_from_text() -> None:
    plan = fault_plan(
        7, ["purchase:2020-04-01"], ["2020-04-02:0.05"], ["2020-Apr.csv.gz"], ["2020-04-01"]
    )
    assert plan == FaultPlan(
        malformed_lines=7,
        lost=(LostType("purchase", DAY),),
        late=(LateRows(NEXT, 0.05),),
        repeated_files=("2020-Apr.csv.gz",),
        truncated_dates=(DAY,),
    )


@pytest.mark.parametrize("text", ["2020-04-01", "2020-04-01:much", "0.05:2020-04-01"])
def test_a_misspelt_late_share_is_refused(text: str) -> None:
    with pytest.raises(GeneratorError, match="--late"):
        fault_plan(0, None, [text], None, None)


def test_a_date_names_its_option_when_misspelt() -> None:
    with pytest.raises(GeneratorError, match="--lose '' is no date"):
        to_date("--lose", "")
