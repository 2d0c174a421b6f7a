"""What the counts of marts must agree with.

Belongs here: counting on both sides of a mart's equation. Not here: which mart has which.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ecom_platform.contracts.model import SESSION_DAYS
from ecom_platform.lake.audit import Equation, Finding, judge_equation
from ecom_platform.pipeline.marts.mart import MartInputs, Reconcile
from ecom_platform.pipeline.model.partials import count

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def sum_where(what: str, condition: str) -> str:
    """SQL that adds up something over some rows."""
    return f"SUM(CASE WHEN {condition} THEN {what} ELSE 0 END)"


def agree(source: str, of_inputs: Callable[[MartInputs], int], of_rows: str) -> Reconcile:
    """What a mart counts must be what its inputs count.

    Args:
        source: the inputs, in words.
        of_inputs: counts in them.
        of_rows: SQL that counts the same in the rows of the mart.
    """

    def reconcile(table_name: str, inputs: MartInputs, rows: DataFrame) -> list[Finding]:
        counted = {table_name: count(rows, of_rows)}
        return [judge_equation(Equation(source, of_inputs(inputs), counted))]

    return reconcile


def sessions_seen(inputs: MartInputs) -> int:
    """The sessions that were seen on a date."""
    return inputs.row_count(SESSION_DAYS.name)


def sessions_begun(inputs: MartInputs) -> int:
    """The sessions that began on a date: seen on it, less those that began earlier."""
    earlier = f"session_start_date < DATE '{inputs.event_date}'"
    began_earlier = inputs.seen().where(earlier).select("user_id", "session_id").distinct()
    return sessions_seen(inputs) - began_earlier.count()


def carted_products(inputs: MartInputs) -> int:
    """The products that sessions which began on a date put into their carts."""
    carted = inputs.cart_events().where("event_type = 'cart'")
    return carted.select("user_id", "session_id", "product_id").distinct().count()
