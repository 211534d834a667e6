"""Who may do what where, by people.csv and roles.csv: only what a row allows; a park's role covers its members."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from ingestion.portal.accounts import ADMINISTRATOR
from lake.site.administrators import ADMINISTRATORS
from lake.site.closure import organization_closure
from lake.site.load import Site

ROLES = ("view", "enter", "review", "approve", "close", "analyse", *ADMINISTRATORS)


@dataclass(frozen=True)
class Rights:
    """The roles of one person in each organisation that he may see."""

    person_id: str
    roles: dict[str, frozenset[str]] = field(default_factory=dict)

    def may(self, role: str, organization_id: str) -> bool:
        """Whether the person has a role in an organisation."""
        return role in self.roles.get(organization_id, ())

    def of(self, organization_id: str) -> frozenset[str]:
        """The roles in one organisation, none where it may not be seen."""
        return self.roles.get(organization_id, frozenset())

    def where(self, role: str) -> list[str]:
        """The organisations in which the person has a role."""
        return [organization for organization, roles in self.roles.items() if role in roles]

    @property
    def administers(self) -> bool:
        """Whether the person keeps the accounts."""
        return self.person_id == ADMINISTRATOR or bool(self.where("administer"))


def rights(site: Site, person_id: str, on: date) -> Rights:
    """Return what a person may do on a day, by roles.csv."""
    given = []
    for row in site.tables["roles"].to_pylist():
        begun = row["valid_from"] is None or row["valid_from"] <= on
        ended = row["valid_to"] is not None and row["valid_to"] <= on
        if row["person_id"] == person_id and begun and not ended:
            given.append((row["organization_id"], row["role"]))
    return granted(site, person_id, given)


def granted(site: Site, person_id: str, given: Iterable[tuple[str, str]]) -> Rights:
    """Return what these (organisation, role) allow; a park's role holds in its members."""
    below: dict[str, list[str]] = {}
    for row in organization_closure(site.tables["organizations"]).to_pylist():
        below.setdefault(row["ancestor"], []).append(row["descendant"])
    found: dict[str, set[str]] = {}
    for owner, role in given:
        for organization in below[owner]:
            found.setdefault(organization, set()).add(role)
    order = [row["organization_id"] for row in site.tables["organizations"].to_pylist()]
    return Rights(person_id, {name: frozenset(found[name]) for name in order if name in found})


def people(site: Site) -> dict[str, dict[str, str | None]]:
    """Return the people of the site by id, with their names."""
    found: dict[str, dict[str, str | None]] = {}
    for row in site.tables["people"].to_pylist():
        found.setdefault(row["person_id"], row)
    return found
