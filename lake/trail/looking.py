"""The latest lines of the trail for who looks at it now: those in the lake, and those that no run has taken in yet."""

import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from lake.chained import NOTHING
from lake.engine import connected, rows
from lake.store import Lake
from lake.trail.registers import MOST_LINES, Register, opened
from lake.trail.table import files, last_taken, relation

_FIELDS = ("register", "number", "at", "door", "effect", "act", "actor", "address", "organization_id")
_MORE = ("subject", "detail", "outcome", "records_count")
_SHOWN = ", ".join(f'lines."{name}"' for name in (*_FIELDS, *_MORE))


@dataclass(frozen=True)
class Wanted:
    """Which lines: of a time, a door, an effect, an actor, a legal entity; the latest `most` of them."""

    first: datetime | None = None
    last: datetime | None = None
    door: str | None = None
    effect: str | None = None
    actor: str | None = None
    organization: str | None = None
    most: int = 100


def lines(lake: Lake, registers: Sequence[Register], wanted: Wanted) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the lines in the order of time, with `is_taken`, and what could not be read, as sentences."""
    found, doubts = _in_the_lake(lake, wanted), []
    known = last_taken(lake)
    for register in registers:
        if register.path.exists():
            try:
                found += _waiting(register, known.get(register.name, (0, NOTHING)), wanted)
            except (sqlite3.Error, ValueError, TypeError, KeyError) as cause:
                doubts.append(f"{register.path}: the log cannot be read ({cause})")
    found.sort(key=lambda line: (line["at"], line["register"], line["number"]))
    return found[-wanted.most :] if wanted.most > 0 else [], doubts


def _in_the_lake(lake: Lake, wanted: Wanted) -> list[dict[str, Any]]:
    found = files(lake)
    if not found:
        return []
    with connected() as connection:
        return rows(
            connection,
            f"select {_SHOWN}, true as is_taken from {relation(found)} as lines "
            "where ($first is null or lines.at >= $first) and ($last is null or lines.at < $last) "
            "and ($door is null or door = $door) and ($effect is null or effect = $effect) "
            "and ($actor is null or actor = $actor) and ($organization is null or organization_id = $organization) "
            "order by lines.at desc, register, number desc limit $most",
            **asdict(wanted),
        )


def _waiting(register: Register, last: tuple[int, str], wanted: Wanted) -> list[dict[str, Any]]:
    found = []
    with opened(register.path) as connection:
        for line in islice(register.after(connection, *last), MOST_LINES):
            told = {
                **asdict(register.shaped(line.said)),
                "register": register.name,
                "number": line.number,
                "at": datetime.fromisoformat(line.at),
                "is_taken": False,
            }
            if _is_wanted(told, wanted):
                found.append(told)
    return found


def _is_wanted(line: dict[str, Any], wanted: Wanted) -> bool:
    asked = {
        "door": wanted.door,
        "effect": wanted.effect,
        "actor": wanted.actor,
        "organization_id": wanted.organization,
    }
    of_time = (wanted.first is None or line["at"] >= wanted.first) and (wanted.last is None or line["at"] < wanted.last)
    return of_time and all(value is None or line[name] == value for name, value in asked.items())
