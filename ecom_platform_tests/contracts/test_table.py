"""The shape of a contract: what is derived from a pandera model, and what it refuses to derive."""

from __future__ import annotations

import pandera.pyspark as pandera
import pyarrow as pa
import pyspark.sql.types as T
import pytest

from ecom_platform.contracts.table import Rule, TableContract


class Cups(pandera.DataFrameModel):
    """Cups on
    a shelf.

    Not part of the description.
    """

    cup_id: T.LongType = pandera.Field(gt=0, description="The cup.")
    colour: T.StringType = pandera.Field(isin=["red", "pi'nk"], description="Its colour.")
    size: T.IntegerType = pandera.Field(
        nullable=True, ge=1, le=9, description="Its size.", metadata={"unit": "cm", "pii": True}
    )


CUPS = TableContract(
    name="cups",
    layer="clean",
    grain="one cup",
    key=("cup_id",),
    cadence="never",
    model=Cups,
    row_rules=(("red_cups_are_small", "colour = 'red' AND size > 3"),),
)


def contract_of(model: type[pandera.DataFrameModel]) -> TableContract:
    return TableContract("t", "clean", "one row", ("a",), "never", model)


def test_the_description_is_the_first_paragraph_in_one_line() -> None:
    assert CUPS.description == "Cups on a shelf."


def test_columns_carry_what_their_fields_say() -> None:
    cup, _, size = CUPS.columns
    assert (cup.name, cup.spark_type, cup.nullable, cup.description, cup.unit, cup.is_pii) == (
        "cup_id",
        T.LongType(),
        False,
        "The cup.",
        None,
        False,
    )
    assert (size.name, size.arrow_type, size.nullable, size.unit, size.is_pii) == (
        "size",
        pa.int32(),
        True,
        "cm",
        True,
    )
    assert [column.name for column in CUPS] == CUPS.column_names == ["cup_id", "colour", "size"]


def test_rules_are_compiled_in_the_order_of_columns() -> None:
    assert CUPS.rules == (
        Rule("required_columns_not_null", "cup_id_not_null", "cup_id IS NULL"),
        Rule("values_in_range", "cup_id_minimum", "cup_id <= 0"),
        Rule("required_columns_not_null", "colour_not_null", "colour IS NULL"),
        Rule("accepted_values", "colour_accepted", "colour NOT IN ('red', 'pi''nk')"),
        Rule("values_in_range", "size_minimum", "size < 1"),
        Rule("values_in_range", "size_maximum", "size > 9"),
        Rule("row_rules", "red_cups_are_small", "colour = 'red' AND size > 3"),
    )


def test_a_check_that_nobody_taught_the_compiler_is_refused_not_ignored() -> None:
    class Unknown(pandera.DataFrameModel):
        """One column."""

        a: T.StringType = pandera.Field(str_startswith="x", description="A.")

    with pytest.raises(NotImplementedError, match="'str_startswith' on a; teach _compile"):
        _ = contract_of(Unknown).rules


@pytest.mark.parametrize("check", [{"lt": 5}, {"ne": 5}, {"eq": 5}, {"notin": [5]}])
def test_no_check_of_pandera_is_passed_over_in_silence(check: dict[str, object]) -> None:
    class Unknown(pandera.DataFrameModel):
        """One column."""

        a: T.LongType = pandera.Field(description="A.", **check)

    with pytest.raises(NotImplementedError, match="on a; teach _compile"):
        _ = contract_of(Unknown).rules


def test_a_type_without_a_place_in_files_is_refused() -> None:
    class Odd(pandera.DataFrameModel):
        """One column."""

        a: T.ByteType = pandera.Field(description="A.")

    with pytest.raises(KeyError):
        _ = contract_of(Odd).arrow_schema
