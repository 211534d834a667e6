"""How each account stands: what protects it, when it was used, whether anybody still needs it."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ingestion.portal import second_factor
from ingestion.portal.accounts import Policy
from ingestion.portal.rights import Rights
from lake.sqlitefile import now, stamp

#: An account that nobody looked at for half a year is due.
REVIEWED_EVERY = timedelta(days=180)


@dataclass(frozen=True)
class Standing:
    """One account. Instants are kept texts, empty where there is none; `doubts` are keys of words.yaml."""

    person_id: str
    state: str  # active, locked, disabled
    factor_since: str
    codes_left: int
    used_at: str
    sessions: int
    reviewed_at: str
    reviewed_by: str
    doubts: tuple[str, ...]


def standings(connection: sqlite3.Connection, held: Mapping[str, Rights], policy: Policy) -> list[Standing]:
    """Return every account in the order of its name; `held` are the rights of those whom the site knows."""
    at = datetime.now(UTC)
    rows = connection.execute(
        "select accounts.*, coalesce(used.at, '') as used_at, coalesce(factors.secret is not null, 0) as has_factor, "
        "factors.made_at, reviews.at as reviewed_at, reviews.reviewed_by, "
        "(select count(*) from recovery_codes as codes where codes.person_id = accounts.person_id and used_at is null) "
        "as codes_left, (select count(*) from sessions as open where open.person_id = accounts.person_id and "
        "seen_at > ? and begun_at > ?) as open_sessions from accounts "
        "left join last_sign_ins as used using (person_id) left join second_factors as factors using (person_id) "
        "left join (select person_id, at, reviewed_by, max(number) from account_reviews group by person_id) as reviews "
        "using (person_id) order by person_id",
        (stamp(at - policy.idle), stamp(at - policy.longest)),
    )
    return [_standing(row, held, policy, at) for row in rows]


def _standing(row: sqlite3.Row, held: Mapping[str, Rights], policy: Policy, at: datetime) -> Standing:
    person = row["person_id"]
    is_locked = (row["locked_until"] or "") > now()
    state = "disabled" if row["is_disabled"] else "locked" if is_locked else "active"
    known = held.get(person)
    last = max(row["changed_at"], row["used_at"])
    doubts = {
        "doubt_left": known is None,
        "doubt_no_roles": known is not None and not known.roles and not known.administers,
        "doubt_never_used": not row["used_at"],
        "doubt_unused": last < stamp(at - policy.unused),
        "doubt_no_factor": known is not None and not row["has_factor"] and second_factor.is_due(policy, known),
        "doubt_review_due": (row["reviewed_at"] or row["changed_at"]) < stamp(at - REVIEWED_EVERY),
    }
    return Standing(
        person,
        state,
        row["made_at"] or "" if row["has_factor"] else "",
        row["codes_left"],
        row["used_at"],
        row["open_sessions"],
        row["reviewed_at"] or "",
        row["reviewed_by"] or "",
        () if row["is_disabled"] else tuple(key for key, is_true in doubts.items() if is_true),
    )


def reviewed(connection: sqlite3.Connection, person_id: str, by: str) -> None:
    """Keep that somebody looked at an account and found that it is still needed."""
    connection.execute(
        "insert into account_reviews (person_id, reviewed_by, at) values (?, ?, ?)", (person_id, by, now())
    )
