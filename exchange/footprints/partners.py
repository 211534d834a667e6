"""Whom we speak PACT with: the suppliers and customers of the site that have an address."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lake.errors import SiteError
from lake.site.load import Site
from lake.site.partners import secret_of

SUPPLIER, CUSTOMER = "supplier", "customer"
LIST, EVENT = "list", "event"


@dataclass(frozen=True)
class Partner:
    """One host that we ask or tell.

    `url` is what stands before `/3/footprints`, `auth_url` before `/auth/token`; `client_id` and `secret` are ours at
    that host, `inbound_client_id` is the partner's at our own. `way` is how a supplier is asked: list or event.
    """

    kind: str
    id: str
    url: str
    auth_url: str
    version: int
    client_id: str
    inbound_client_id: str
    secret: str | None = field(repr=False)
    way: str = LIST

    @property
    def name(self) -> str:
        """What the outbox knows it by."""
        return f"{self.kind}:{self.id}"

    def credentials(self) -> tuple[str, str]:
        """Return our name and secret at this host; raises SiteError where they are not told."""
        if self.client_id and self.secret:
            return self.client_id, self.secret
        raise SiteError(
            f"{self.kind} {self.id}: our client id or its secret at {self.url} is not told;"
            f" fill in the row of {self.kind}s.csv and set the variable it names in the environment"
        )


def of_site(site: Site, environment: Mapping[str, str]) -> dict[str, Partner]:
    """Return the partners that have an address, by name; secrets are those of the environment."""
    return {partner.name: partner for partner in _partners(site, environment)}


def _partners(site: Site, environment: Mapping[str, str]) -> Iterator[Partner]:
    for row in site.tables["suppliers"].to_pylist():
        if row["pact_url"]:
            names = "supplier_id", "client_id", "client_secret", "inbound_client_id"
            yield _partner(SUPPLIER, row, names, environment)
    for row in site.tables["customers"].to_pylist():
        if row["pact_url"] and row["is_active"] is not False:
            names = "customer_id", "outbound_client_id", "outbound_client_secret", "client_id"
            yield _partner(CUSTOMER, row, names, environment)


def _partner(
    kind: str, row: Mapping[str, Any], names: tuple[str, str, str, str], environment: Mapping[str, str]
) -> Partner:
    partner_id, client_id, secret, inbound = (row[name] for name in names)
    url = str(row["pact_url"]).rstrip("/")
    return Partner(
        kind=kind,
        id=partner_id,
        url=url,
        auth_url=str(row["auth_url"] or url).rstrip("/"),
        version=int(row["pact_version"] or 3),
        client_id=client_id or "",
        inbound_client_id=inbound or partner_id,
        secret=secret_of(secret, environment),
        way=row.get("pact_way") or LIST,
    )
