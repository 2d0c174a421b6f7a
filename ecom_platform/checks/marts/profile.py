"""The checks of the profile.

Belongs here: what counted values and profiles promise. Not here: other marts.
"""

import datetime as dt

import dagster as dg

from ecom_platform.assets.check_reports import Evaluate
from ecom_platform.assets.refusals import EvaluateWhole
from ecom_platform.checks.model.dimensions import build_checks_of_whole, judge_dimension
from ecom_platform.checks.model.partials import build_checks_of_partials, evaluator_of
from ecom_platform.contracts.clean import CLEAN_EVENTS
from ecom_platform.contracts.marts import EDA_PROFILE
from ecom_platform.lake.audit import Finding
from ecom_platform.pipeline.marts import PROFILE_LAKE_STEP, PROFILE_STEPS
from ecom_platform.pipeline.marts.profile import PROFILED_DUPLICATES, PROFILED_ROWS
from ecom_platform.pipeline.model.partials import count
from ecom_platform.pipeline.slice_build import Workplace
from ecom_platform.pipeline.stored import StoredTables

WARNINGS = {EDA_PROFILE.name: ["duplicates_agree"]}


def profile_evaluators() -> dict[str, Evaluate]:
    """For every dated table of the profile, the function that judges a stored date of it."""
    evaluators = {name: evaluator_of(step) for name, step in PROFILE_STEPS.items()}
    by_contract = evaluators[EDA_PROFILE.name]

    def evaluate_eda_profile(stored: StoredTables, event_date: dt.date) -> list[Finding]:
        findings = by_contract(stored, event_date)
        readable = findings[0].passed
        return [*findings, *([judge_duplicates(stored, event_date)] if readable else [])]

    return {**evaluators, EDA_PROFILE.name: evaluate_eda_profile}


def evaluate_eda_profile_lake(work: Workplace) -> list[Finding]:
    """Judge the stored profile of the lake."""
    return judge_dimension(PROFILE_LAKE_STEP, work)


def profile_judges() -> tuple[dict[str, Evaluate], EvaluateWhole]:
    """What judges the dated tables of the profile, and what judges that of the lake."""
    return profile_evaluators(), evaluate_eda_profile_lake


def build_profile_checks(
    partitions: dg.PartitionsDefinition[str],
) -> list[dg.AssetChecksDefinition]:
    """Make the checks of the profile.

    Args:
        partitions: the dates that have ended.
    """
    dated = build_checks_of_partials(PROFILE_STEPS, profile_evaluators(), partitions, WARNINGS)
    return [*dated, build_checks_of_whole(PROFILE_LAKE_STEP)]


def judge_duplicates(stored: StoredTables, event_date: dt.date) -> Finding:
    """The repeated rows that the profile counts are those that clean_events left out.

    Two steps have counted them, each in its own way. A date of which clean_events was built
    from other rows, or not at all, is not judged.
    """
    name = "duplicates_agree"
    rows = stored.rows(EDA_PROFILE.name, event_date)
    profiled, repeated = count(rows, PROFILED_ROWS), count(rows, PROFILED_DUPLICATES)
    state = stored.published(CLEAN_EVENTS.name).get(event_date)
    rows_in = state.measures.get("rows_in") if state else None
    numbers = {"profile": repeated, "judged": int(rows_in == profiled)}
    if state is None or rows_in != profiled:
        reason = "clean_events is not built from the rows that were profiled: not judged"
        return Finding(name, True, numbers, reason, blocking=False)
    left_out = state.measures.get("duplicates", 0)
    numbers |= {"clean_events": left_out, "difference": repeated - left_out}
    message = f"{repeated:,} repeated rows are profiled, clean_events left out {left_out:,}"
    return Finding(name, repeated == left_out, numbers, message * (repeated != left_out), False)
