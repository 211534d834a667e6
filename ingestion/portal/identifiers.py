"""Handle records of the site's industrial-internet identifiers, in the form a Handle proxy answers in.

The record is the site's own: it is made from its files, here and now, and says whether the identifier is registered
with a node. No node of the national system is asked or told.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ingestion.portal.place import Known
from lake.site.declared import files
from lake.site.identifiers import fold

#: Response codes of the Handle protocol (RFC 3652, 2.2.3), with the status that the proxy gives them.
SUCCESS, NOT_FOUND, INVALID, NO_VALUES = 1, 100, 102, 200
STATUS = {SUCCESS: 200, NOT_FOUND: 404, INVALID: 400, NO_VALUES: 200}
_KEPT_S = 3600
_FORM = re.compile(files()["identifiers"].columns["identifier"].pattern.replace(r"\p{C}", r"\x00-\x1f\x7f-\x9f"))  # type: ignore[union-attr]
#: What the site's file may say of the subject itself.
_OF_SUBJECT = ("name_zh", "name_en", "industry_code", "carrier", "model", "accuracy_class", "calibration_due_on")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Resolved:
    """What an identifier resolves to: the code, the identifier as it is spelt in the site, and the facts in order."""

    code: int
    handle: str
    facts: tuple[tuple[str, str], ...] = ()

    def record(self, at: datetime, indexes: Collection[int] = (), types: Collection[str] = ()) -> dict[str, Any]:
        """Return the proxy's JSON; of `indexes` and `types`, where any are given, only those values.

        `at` is when the site was read as it is.
        """
        if self.code != SUCCESS:
            return {"responseCode": self.code, "handle": self.handle}
        values = [
            {
                "index": index,
                "type": kind,
                "data": {"format": "string", "value": value},
                "ttl": _KEPT_S,
                "timestamp": f"{at:%Y-%m-%dT%H:%M:%SZ}",
            }
            for index, (kind, value) in enumerate(self.facts, start=1)
            if not (indexes or types) or index in indexes or kind in types
        ]
        if not values:
            return {"responseCode": NO_VALUES, "handle": self.handle}
        return {"responseCode": SUCCESS, "handle": self.handle, "values": values}


def resolve(handle: str, known: Known, organizations: Collection[str]) -> Resolved:
    """Resolve an identifier for somebody who may see these organisations, or for anybody where it is public."""
    if not _FORM.fullmatch(handle):
        return Resolved(INVALID, handle)
    wanted = fold(handle)
    for row in known.site.tables["identifiers"].to_pylist():
        if fold(row["identifier"]) == wanted and (row["is_public"] or row["organization_id"] in organizations):
            return Resolved(SUCCESS, row["identifier"], tuple(_facts(row, known)))
    return Resolved(NOT_FOUND, handle)


def listed(known: Known, organizations: Collection[str]) -> list[Row]:
    """Return the identifiers that these organisations gave."""
    rows = known.site.tables["identifiers"].to_pylist()
    return [row for row in rows if row["organization_id"] in organizations]


def _facts(row: Row, known: Known) -> list[tuple[str, str]]:
    """Return the facts of a record, type and value; what the site does not say is left out."""
    owner = _one(known, "organizations", "organization_id", row["organization_id"])
    subject = owner if row["subject_kind"] == "organization" else {}
    if row["subject_kind"] == "meter":
        subject = _one(known, "meters", "meter_id", row["subject_id"])
    told = [
        ("SUBJECT_KIND", row["subject_kind"]),
        ("SUBJECT_ID", row["subject_id"]),
        *((name.upper(), subject.get(name)) for name in _OF_SUBJECT),
        ("ORGANIZATION_NAME_ZH", owner.get("name_zh")),
        ("ORGANIZATION_NAME_EN", owner.get("name_en")),
        ("CREDIT_CODE", owner.get("credit_code")),
        ("REGISTERED_WITH", row["node"] or "none"),
        ("REGISTERED_ON", row["registered_on"]),
    ]
    return [(kind, str(value)) for kind, value in told if value is not None]


def _one(known: Known, table: str, key: str, value: str) -> Row:
    found: Row = next((row for row in known.site.tables[table].to_pylist() if row[key] == value), {})
    return found
