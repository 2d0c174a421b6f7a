"""The data dictionary: every table, column, check and reason in words, as one Markdown page.

Belongs here: how the page is laid out. Not here: the words, which are in contracts/ and checks/.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, get_args

from ecom_platform.contracts.clean import REJECTION_RULES
from ecom_platform.contracts.reasons import EVENT_REASONS, LINE_REASONS, REFUSAL_REASONS
from ecom_platform.contracts.table import Column, Layer, TableContract

_INTRODUCTION = """\
# Data dictionary

Written by `make docs` from the contracts and the checks; a test fails when it differs from them. To change a word here, change it there: [CONTRIBUTING](../CONTRIBUTING.md#which-room) says where.

- **Type** is Spark's name of it. All times are UTC.
- **Null** says where a value may be missing; everywhere else it may not.
- **Accepted** is what values are held to; a missing value is no value.
- **From** names the columns of other tables whose values decide this one.
- **Severity**: when a blocking check fails, nothing is built from the rows, and where the audit before publishing finds it, nobody ever sees them. A warning asks a person to look."""  # noqa: E501  # a paragraph of Markdown is one line

# Tables with a column `reason`, and the codes that stand in it, in the order of the rules.
_REASONS: dict[str, tuple[tuple[str, dict[str, str]], ...]] = {
    "rejected_events": (("raw", LINE_REASONS), ("clean", EVENT_REASONS)),
    "landing_objects": (("refused", REFUSAL_REASONS),),
}


class DescribedCheck(NamedTuple):
    """A check of a table in words."""

    name: str
    description: str
    blocking: bool


def missing_words(
    contracts: Iterable[TableContract], checks: Mapping[str, Sequence[DescribedCheck]]
) -> list[str]:
    """What the page would lack: each table, column or check without words, with the remedy."""
    problems = []
    for contract in contracts:
        words = {
            "docstring of its model": contract.description,
            "grain": contract.grain,
            "key": contract.key,
            "cadence": contract.cadence,
        }
        problems += [
            f"{contract.name} has no {name}: write it in its contract"
            for name, word in words.items()
            if not word
        ]
        problems += [
            f"{contract.name}.{column.name} has no description: write it in the contract's model"
            for column in contract
            if not column.description.strip()
        ]
        problems += [
            f"the check {check.name} of {contract.name} has no description"
            for check in checks.get(contract.name, ())
            if not check.description
        ]
    return problems


def render_data_dictionary(
    contracts: Iterable[TableContract], checks: Mapping[str, Sequence[DescribedCheck]]
) -> str:
    """Write the page: tables by layer, in the order of the register.

    Args:
        contracts: the tables.
        checks: the checks of each table, by its name.
    """
    layers = get_args(Layer)
    tables = sorted(contracts, key=lambda contract: layers.index(contract.layer))
    blocks = [_INTRODUCTION, "## Tables", _overview(tables), "## Personal data", _personal(tables)]
    for contract in tables:
        blocks += _section(contract, checks.get(contract.name, ()))
    return "\n\n".join(blocks) + "\n"


def _overview(tables: Sequence[TableContract]) -> str:
    rows = [(_link(t.name), t.layer, t.grain, _codes(t.key), t.cadence) for t in tables]
    return _table(("table", "layer", "one row is", "key", "refreshed"), rows)


def _personal(tables: Sequence[TableContract]) -> str:
    named = [(table, [column.name for column in table if column.is_pii]) for table in tables]
    rows = [(_link(table.name), _codes(names)) for table, names in named if names]
    return _table(("table", "columns that may name a person"), rows)


def _section(contract: TableContract, checks: Sequence[DescribedCheck]) -> Iterator[str]:
    yield f"## {contract.name}"
    yield from (" ".join(part.split()) for part in (contract.model.__doc__ or "").split("\n\n"))
    yield "\n".join(f"- **{name}:** {words}" for name, words in _promises(contract).items())
    yield _columns(contract)
    if contract.row_rules:
        yield "What columns of a row say of each other; no row may satisfy one of these:"
        yield _table(
            ("rule", "SQL of a bad row"), [(f"`{n}`", f"`{s}`") for n, s in contract.row_rules]
        )
    if contract.name in _REASONS:
        yield f"### Reasons in {contract.name}"
        yield "The first rule that fails names the reason; [bad input](bad_input.md) has examples."
        yield _reasons(_REASONS[contract.name])
    yield f"### Checks of {contract.name}"
    rows = [(f"`{c.name}`", "blocking" if c.blocking else "warning", c.description) for c in checks]
    yield _table(("check", "severity", "what it asks"), rows) if rows else "It has none of its own."


def _promises(contract: TableContract) -> dict[str, str]:
    """What holds for a table as a whole, by its name for a reader."""
    made_from = dict.fromkeys(s.table for column in contract for s in column.sources)
    promises = {
        "Layer": contract.layer,
        "Grain": contract.grain,
        "Key": _codes(contract.key),
        "Refreshed": contract.cadence,
        "Partitioned by": f"`{contract.partition_by}`" if contract.partition_by else "nothing",
    }
    return promises | ({"Made from": ", ".join(map(_link, made_from))} if made_from else {})


def _columns(contract: TableContract) -> str:
    """The columns; what no column of the table has, such as a unit, has no place in the table."""
    rows = [_described(column) for column in contract]
    shown = [name for name in rows[0] if any(row[name] for row in rows)]
    return _table(shown, [[row[name] for name in shown] for row in rows])


def _described(column: Column) -> dict[str, str]:
    return {
        "column": f"`{column.name}`",
        "type": column.spark_type.simpleString(),
        "unit": column.unit or "",
        "null": "may be null" if column.nullable else "",
        "meaning": column.description,
        "accepted": "; ".join(column.accepted),
        "from": _origin(column),
        "PII": "yes" if column.is_pii else "",
    }


def _origin(column: Column) -> str:
    by_table: dict[str, list[str]] = defaultdict(list)
    for source in column.sources:
        by_table[source.table].append(source.column)
    return "; ".join(f"{table}: {_codes(names)}" for table, names in by_table.items())


def _reasons(groups: Iterable[tuple[str, Mapping[str, str]]]) -> str:
    rows = []
    for group, meanings in groups:
        for reason, meaning in meanings.items():
            rule = f" `{REJECTION_RULES[reason]}`" if reason in REJECTION_RULES else ""
            rows.append((f"`{reason}`", group, meaning + rule))
    return _table(("reason", "by", "meaning"), rows)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of Markdown; a bar in a cell is escaped, or it would end the cell."""
    cells = [list(head), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    cells.insert(1, ["---"] * len(cells[0]))
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)


def _link(table: str) -> str:
    return f"[{table}](#{table})"


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
