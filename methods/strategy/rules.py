"""The rules of rules.yaml, and what the site says of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from lake import pages

PAGE = Path(__file__).with_name("rules.yaml")


@dataclass(frozen=True)
class Rule:
    """One thing that can be recommended; texts by language, `query` with its places open."""

    rule_id: str
    name: Mapping[str, str]
    why: Mapping[str, str]
    quantity_unit: str
    candidates: str
    threshold: Decimal
    confidence: str
    investment: str
    source: str
    query: str
    value_unit: str | None = None
    needs: Sequence[str] = ()


@dataclass(frozen=True)
class Said:
    """What the site says of a rule, for a unit or (without one) for all; None where it says nothing."""

    rule_id: str
    energy_unit_id: str | None = None
    is_used: bool = True
    threshold: Decimal | None = None
    size: Decimal | None = None
    like: str | None = None
    like_size: Decimal | None = None
    investment_cny: Decimal | None = None
    investment_cny_per_size: Decimal | None = None
    investment_source: str | None = None

    @property
    def investment(self) -> Decimal | None:
        """What it costs in CNY, where the site says so."""
        if self.investment_cny is None and self.investment_cny_per_size is not None and self.size is not None:
            return self.investment_cny_per_size * self.size
        return self.investment_cny


@dataclass(frozen=True)
class Question:
    """A rule asked of one unit: its query is whole. `query_of_any` is the same of whatever unit `asked.unit` is."""

    rule: Rule
    unit: str
    said: Said
    threshold: Decimal
    query: str
    query_of_any: str


@cache
def rules() -> dict[str, Rule]:
    """Return every rule by its id, in the order of the page."""
    page: dict[str, dict[str, Any]] = pages.page(PAGE)
    return {
        rule_id: Rule(rule_id, **{**row, "threshold": Decimal(str(row["threshold"])), "query": row["query"].strip()})
        for rule_id, row in page["rules"].items()
    }


def questions(
    candidates: Mapping[str, Sequence[str]],
    said: Sequence[Said],
    owners: Mapping[str, tuple[str, str]],
    months: tuple[str, str],
) -> list[Question]:
    """Return what is to be asked.

    candidates: units by the word that a rule gives for them; owners: of each unit its organisation and that one's root
    unit; months: the first, and the first after the last.
    """
    of_all = {one.rule_id: one for one in said if one.energy_unit_id is None}
    of_unit = {(one.rule_id, one.energy_unit_id): one for one in said if one.energy_unit_id is not None}
    found = []
    for rule in rules().values():
        general = of_all.get(rule.rule_id, Said(rule.rule_id))
        declared = [unit for rule_id, unit in of_unit if rule_id == rule.rule_id]
        for unit in sorted(declared if rule.candidates == "declared" else candidates.get(rule.candidates, ())):
            own = of_unit.get((rule.rule_id, unit), Said(rule.rule_id, unit))
            if own.is_used and general.is_used and all(getattr(own, need) is not None for need in rule.needs):
                found.append(_question(rule, general, own, owners[unit], months))
    return found


def _question(rule: Rule, general: Said, own: Said, owner: tuple[str, str], months: tuple[str, str]) -> Question:
    told = own.threshold if own.threshold is not None else general.threshold
    threshold = rule.threshold if told is None else told
    unit = str(own.energy_unit_id)
    places = {
        "organization": _text(owner[0]),
        "root": _text(owner[1]),
        "from": months[0],
        "to": months[1],
        "threshold": _number(threshold),
        "size": _number(own.size),
        "like": _text(own.like or ""),
        "like_size": _number(own.like_size),
    }
    query = rule.query.format(unit=_text(unit), **places)
    of_any = rule.query.replace("'{unit}'", "asked.unit").format(**places)
    return Question(rule, unit, own, threshold, query, of_any)


def _text(word: str) -> str:
    return word.replace("'", "''")


def _number(value: Decimal | None) -> str:
    return "null" if value is None else f"{value.normalize():f}"
