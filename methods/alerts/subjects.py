"""Whom a rule speaks of: its subject, or each of those that a star stands for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lake.site.alerts import subject_files

Row = Mapping[str, Any]
#: What a star stands for where ids of several files may be watched.
_STAR = {"completeness_day": "organizations"}


@dataclass(frozen=True)
class Named:
    """One thing of the site that can be watched, with its names and where it belongs."""

    organization_id: str
    energy_unit_id: str | None
    name_zh: str
    name_en: str
    is_point: bool = False


@dataclass(frozen=True)
class Place:
    """The site as rules see it: by file what can be watched, who is below whom, and which unit uses what."""

    named: Mapping[str, Mapping[str, Named]]
    below: Mapping[str, set[str]]
    residual: set[str] = field(default_factory=set)
    #: (unit, carrier or group of it) of every consumption, and of each unit those that it is part of.
    used: set[tuple[str, str]] = field(default_factory=set)
    above: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def of(self, quantity: str, subject: str) -> Named | None:
        """Return the thing that a subject of a quantity is."""
        found = (self.named[file].get(subject) for file in subject_files(quantity))
        return next((one for one in found if one is not None), None)


def watched(rules: Sequence[Row], place: Place) -> list[dict[str, Any]]:
    """Return who is watched by each rule, as rows of `alert_subjects`."""
    return [
        {
            "rule_number": number,
            "subject": subject,
            "energy_unit_id": named.energy_unit_id,
            "carrier": rule["carrier"],
            "measure": rule["measure"],
        }
        for number, rule in enumerate(rules)
        for subject, named in _subjects(rule, place)
    ]


def _subjects(rule: Row, place: Place) -> Iterator[tuple[str, Named]]:
    subject, quantity = str(rule["subject"]), str(rule["quantity"])
    if subject != "*":
        named = place.of(quantity, subject)
        if named is not None:
            yield subject, named
        return
    file = _STAR.get(quantity, subject_files(quantity)[0])
    scope = place.below.get(str(rule["organization_id"])) if rule["organization_id"] else None
    for name, named in place.named[file].items():
        if scope is not None and named.organization_id not in scope:
            continue
        if rule["carrier"] and file == "energy_units" and not _is_innermost(name, str(rule["carrier"]), place):
            continue
        yield name, named


def _is_innermost(unit: str, carrier: str, place: Place) -> bool:
    """Whether a unit uses a carrier, no metered part of it does, and it is no residual: a leak is told once."""
    if (unit, carrier) not in place.used or unit in place.residual:
        return False
    users = (user for user, used in place.used if used == carrier and user != unit and user not in place.residual)
    return not any(unit in place.above.get(user, ()) for user in users)
