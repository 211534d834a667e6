"""What a project changes of an industry's allowances: what is not emitted, less what is not allotted for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from methods.projects.effects import Change
from methods.quota import rules
from methods.quota.library import Library, Plan
from methods.quota.rules import MissingError

#: The rule of steel, cement and aluminium. Of power units it matters what they generate, which no effect says.
_RULE = "industry"


@dataclass(frozen=True)
class Allotted:
    """A year's allotment as it is expected without the project: t CO2, and output in the unit of the balance value."""

    plan: Plan
    emissions_t: Decimal
    output: Decimal
    balance: Decimal | None
    surplus_t: Decimal | None


def allotted(rows: Iterable[Mapping[str, Any]], printed: Library) -> dict[str, Allotted]:
    """Return the allotments by organisation; `rows` are of carbon.quota_forecast, one of each organisation."""
    found = {}
    for row in rows:
        plan = printed.plan(_RULE, row["year"]) if row["rule"] == _RULE else None
        if plan is not None and row["emissions_t"] and row["output"]:
            found[row["organization_id"]] = Allotted(
                plan, row["emissions_t"], row["output"], row["balance"], row["surplus_t"]
            )
    return found


def surplus_change(change: Change | None, without: Allotted | None) -> Decimal | None:
    """Return by how many tonnes a year's surplus of allowances grows; None where nothing is allotted by the rule.

    Direct emissions alone are allotted; the output that changes is the one that the balance value is of.
    """
    if change is None or without is None or change.direct is None:
        return None
    try:
        before = rules.industry(without.plan, without.emissions_t, without.output, without.balance)
        emissions, output = without.emissions_t + change.direct, without.output + change.output
        after = rules.industry(without.plan, emissions, output, without.balance)
    except MissingError:
        return None
    return after.quota_t - before.quota_t - change.direct
