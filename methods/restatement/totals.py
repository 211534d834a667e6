"""The bridges of totals: each organisation's accounts over the months that are looked at, with what did not change."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from methods.restatement import emissions, energy
from methods.restatement.causes import Parts
from methods.restatement.figures import Asked, Restated, is_over
from methods.restatement.sides import Sides

#: The accounts of emissions: the total of one is its own rows and, but for the statutory, those of all.
_ACCOUNTS = {"statutory": ("statutory",), "location": ("all", "location"), "market": ("all", "market")}


@dataclass(frozen=True)
class Total:
    """One total: `old` + its parts = `new`."""

    organization_id: str
    account: str
    unit: str
    old: Decimal
    parts: Parts
    new: Decimal


def of(sides: Sides, found: list[Restated], asked: Asked) -> list[Total]:
    """Return the totals that changed, by organisation and account."""
    told: dict[tuple[str, str], tuple[str, list[Decimal], Parts]] = {}
    for row in sides.rows(_AMOUNTS):
        if not asked.has(row["organization_id"], row["month"]) or not is_over(row["month"], sides):
            continue
        for account, bases in _accounts(row["mart"]).items():
            if row["basis"] in bases:
                unit = "tCO2e" if row["mart"] == emissions.MART else "tce"
                sums = told.setdefault((row["organization_id"], account), (unit, [Decimal(0), Decimal(0)], Parts()))[1]
                sums[0] += row["old"] or Decimal(0)
                sums[1] += row["new"] or Decimal(0)
    for one in found:
        for account, bases in _accounts(one.mart).items():
            if one.figure.basis in bases:
                told[one.figure.organization_id, account][2].take([one.parts])
    return [
        Total(organization, account, unit, old, parts, new)
        for (organization, account), (unit, (old, new), parts) in sorted(told.items())
        if parts.by_cause
    ]


def _accounts(mart: str) -> dict[str, tuple[str, ...]]:
    return _ACCOUNTS if mart == emissions.MART else {name: (name,) for name in energy.CONVENTIONS}


def plain(total: Total) -> dict[str, Any]:
    """Return a total as a flat row: the parts under the names of their causes."""
    return {
        "organization_id": total.organization_id,
        "account": total.account,
        "old": total.old,
        **{cause: part.change for cause, part in total.parts.in_order()},
        "new": total.new,
        "unit": total.unit,
    }


_EMITTED = f"""
    select '{emissions.MART}' as mart, organization_id, month, basis::varchar as basis, sum(emissions_tco2e) as amount
    from {{side:{emissions.MART}}} group by all
"""
_USED = " union all by name ".join(
    f"""
    select '{energy.MART}' as mart, organization_id, month, '{convention}' as basis,
        comprehensive_energy_tce_{convention} as amount
    from {{side:{energy.MART}}}
    """
    for convention in energy.CONVENTIONS
)
_SIDE = f"({_EMITTED}) union all by name ({_USED})"
_AMOUNTS = f"""
    with before as ({_SIDE.replace("{side", "{old")}), now as ({_SIDE.replace("{side", "{new")})
    select mart, organization_id, month, basis, before.amount as old, now.amount as new
    from before full outer join now using (mart, organization_id, month, basis)
    where (mart, month) in (select (mart, month) from before)
    order by all
"""
