"""The worked examples of examples.yaml as files of a site and rows of consumption: one organisation for each."""

from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.dbt_sandbox import Row

FILE = Path(__file__).with_name("examples.yaml")
MONTH = "2025-03"


@cache
def document() -> dict[str, Any]:
    """Return the file as it stands."""
    return dict(YAML(typ="safe").load(FILE.read_text(encoding="utf-8")))


def every() -> list[dict[str, Any]]:
    """Return the examples in their order."""
    return list(document()["examples"])


def organization(example: dict[str, Any]) -> str:
    """Return the id of the organisation that is the example."""
    return f"ex_{example['id']}"


def organizations() -> dict[str, tuple[str, str]]:
    """Return id -> (parent, guideline) of every example, below a head of their own."""
    own = {organization(example): ("examples", example.get("guideline", "")) for example in every()}
    return {"examples": ("site", "")} | own


def rows() -> list[Row]:
    """Return what the examples bought, made and sold."""
    return [Row(organization(example), **entry) for example in every() for entry in example.get("energy", [])]


def factor_rules() -> str:
    """Return the lines of factor_rules.csv: the factor set an example is reckoned with."""
    lines = [
        f"fuel,{organization(example)},,{example['fuel_set']},,,,,as the example\n"
        for example in every()
        if "fuel_set" in example
    ]
    return "".join(lines)


def own_factors() -> str:
    """Return the lines of factors.csv: what an example measured."""
    return "".join(
        f"{organization(example)}_{number},{organization(example)},{entry['item']},{entry['property']},{entry['value']},,,"
        "the example,verified,the example\n"
        for example in every()
        for number, entry in enumerate(example.get("measured", []))
    )


def production() -> str:
    """Return the lines of production.csv."""
    return "".join(
        f"{organization(example)},{organization(example)}_root,{entry['item']},{MONTH},{entry['quantity']},{entry['unit']}\n"
        for example in every()
        for entry in example.get("production", [])
    )


def activity() -> str:
    """Return the lines of activity.csv."""
    return "".join(
        f"{organization(example)},{organization(example)}_root,{entry['item']},{MONTH},{entry['quantity']},{entry['unit']},"
        f"{entry.get('purpose', '')}\n"
        for example in every()
        for entry in example.get("activity", [])
    )


def result(example: dict[str, Any], emissions: list[dict[str, Any]]) -> Decimal | None:
    """Return what the product says, at the printed digits; None where a row that counts has no number."""
    column = example.get("column", "emissions_tco2e")
    wanted = {"organization_id": organization(example), **example["where"]}
    values = [row[column] for row in emissions if all(row[name] == value for name, value in wanted.items())]
    if not values or None in values:
        return None
    total: Decimal = sum(values, Decimal(0))
    return total.quantize(Decimal(example["printed"]))
