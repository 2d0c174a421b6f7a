"""The shape of a metric: what it means, where it is published, and how it is added up.

Belongs here: what every metric says of itself. Not here: any metric (metrics.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Unit = Literal["count", "USD", "share", "seconds", "ratio"]


@dataclass(frozen=True)
class Place:
    """A table in which a metric stands.

    Attributes:
        table: the table.
        column: what is added up there; of a share the part.
        over: of a share or mean what it is divided by, a column of the same rows.
        rows: the rows that are read, as the value of each of these columns.
    """

    table: str
    column: str
    over: str | None = None
    rows: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def condition(self) -> str:
        """The choice of rows as SQL; empty for all."""
        return " AND ".join(f"{name} = '{value}'" for name, value in self.rows.items())


@dataclass(frozen=True)
class Metric:
    """One number with one meaning, wherever it is shown.

    Attributes:
        name: the one name; a column of a query that is called so means this.
        label: for a person.
        definition: what exactly is counted, divided or measured.
        unit: of its values.
        places: where it is published; the first is the reference, the others must agree.
        is_additive: whether values of several dates may be summed. A quotient is not, but its
            two parts are; what is neither is exact for its date and exists for no longer time.
        grain: what one value is of.
        better: whether a person wishes for more of it, or less.
        from_fact: SQL of the same number over all dates from fact_user_events alone, where one
            query says it.
        owner: who answers for it.
    """

    name: str
    label: str
    definition: str
    unit: Unit
    places: tuple[Place, ...]
    is_additive: bool = True
    grain: str = "date"
    better: Literal["more", "less", "none"] = "none"
    from_fact: str | None = None
    owner: str = "data-platform"

    @property
    def reference(self) -> Place:
        """The place that says it."""
        return self.places[0]

    @property
    def expression(self) -> str:
        """SQL over the chosen rows of the reference: an aggregate, or a column of one date."""
        return self.at(self.reference)

    def at(self, place: Place) -> str:
        """SQL of the metric over the chosen rows of one of its places, in DuckDB and Athena."""
        if place.over:
            return f"CAST(SUM({place.column}) AS DOUBLE) / NULLIF(SUM({place.over}), 0)"
        return f"SUM({place.column})" if self.is_additive else place.column


def summed(
    name: str, label: str, definition: str, *places: Place, fact: str | None = None, **more: Any
) -> Metric:
    """Something that adds up over dates; a count unless it says otherwise."""
    return Metric(
        name, label, definition, more.pop("unit", "count"), places, from_fact=fact, **more
    )


def share(name: str, label: str, definition: str, place: Place, **more: Any) -> Metric:
    """A quotient of two sums; a share unless it says otherwise."""
    unit = more.pop("unit", "share")
    return Metric(name, label, definition, unit, (place,), is_additive=False, **more)


def exact(name: str, label: str, definition: str, place: Place, **more: Any) -> Metric:
    """What is exact for its date, and exists for no longer time."""
    unit = more.pop("unit", "count")
    return Metric(name, label, definition, unit, (place,), is_additive=False, **more)
