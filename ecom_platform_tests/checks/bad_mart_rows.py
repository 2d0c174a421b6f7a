"""Bad rows of the marts: for every check a change of good rows that makes it fail.

Belongs here: the faults of the layer's tables. Not here: those of other layers (bad_rows.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ecom_platform_tests.checks.faults import Fault, each, first, rules, uncounted
from ecom_platform_tests.samples import Row

RECONCILES = frozenset({"row_count_reconciles"})


def _of_no_column(table: str) -> Fault:
    weight = first(column_name="weight")
    return Fault(table, "accepted_values", weight, {"column_name_accepted": 1})


def of_statistic(name: str) -> Callable[[Row], bool]:
    """Rows of a profile of one statistic."""
    return lambda row: row["statistic"] == name


def of_profile(table: str, lost: Fault) -> list[Fault]:
    """Faults of a profile: the first row is the number of different brands.

    Args:
        table: the profile.
        lost: its rows of one kind that are lost.
    """
    return [
        lost,
        # Without that number the list of brands is too long.
        *(
            fault if fault.check == "values_in_range" else replace(fault, also=RECONCILES)
            for fault in (
                _of_no_column(table),
                *rules(table, "statistic", {"rank": -1}, ({"counted": None}, "has_one_number")),
            )
        ),
    ]


NO_HOURS = [
    {"value_days": 270, "eda_profile": 180, "difference": 90},
    {"three times raw_events": 1350, "eda_profile_lake": 900, "difference": 450},
]


def lose_hours(rows: list[Row]) -> list[Row]:
    """A profile that does not tell the hours."""
    return [row for row in rows if row["statistic"] != "hour_count"]


PROFILES = [
    uncounted("value_days", raw_events=900, value_days=810, difference=90),
    _of_no_column("value_days"),
    *(
        replace(fault, also=RECONCILES)
        for fault in rules("value_days", "scope", {"row_count": 0}, None)
    ),
    Fault(
        "eda_profile",
        "duplicates_agree",
        each(lambda _: {"counted": 5}, of_statistic("duplicate_count")),
        {"profile": 5, "clean_events": 0, "judged": 1},
    ),
    *of_profile(
        "eda_profile", Fault("eda_profile", "row_count_reconciles", lose_hours, NO_HOURS[0])
    ),
    *of_profile(
        "eda_profile_lake",
        Fault("eda_profile_lake", "row_count_reconciles", lose_hours, NO_HOURS[1]),
    ),
]
