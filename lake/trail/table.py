"""`raw/audit__line`: the lines of every door's log, taken in by runs; only added to, sealed like all that is raw."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable

from lake import commits, compaction, datafiles
from lake.chained import NOTHING
from lake.engine import connected, rows
from lake.schemas import UTC as INSTANT
from lake.store import Lake
from lake.trail.registers import MOST_LINES, Register, opened

SOURCE = "audit"
TABLE = f"{SOURCE}__line"
LINE = pa.schema(
    [
        pa.field("register", pa.string(), nullable=False),
        pa.field("number", pa.int64(), nullable=False),
        pa.field("at", INSTANT, nullable=False),
        pa.field("door", pa.string(), nullable=False),
        pa.field("effect", pa.string(), nullable=False),
        pa.field("act", pa.string(), nullable=False),
        pa.field("actor", pa.string()),
        pa.field("address", pa.string()),
        pa.field("organization_id", pa.string()),
        pa.field("subject", pa.string()),
        pa.field("detail", pa.string()),
        pa.field("outcome", pa.string(), nullable=False),
        pa.field("records_count", pa.int64()),
        pa.field("said", pa.string(), nullable=False),  # the line as its register hashed it
        pa.field("previous_hash", pa.string(), nullable=False),
        pa.field("line_hash", pa.string(), nullable=False),
        pa.field("known_at", INSTANT, nullable=False),
    ]
)


@dataclass(frozen=True)
class Doubt:
    """What is not right with a register, as sentences of both languages."""

    register: str
    message_zh: str
    message_en: str


@dataclass
class Taken:
    """How many lines were taken, and what was not right with the registers that they came from."""

    lines: int = 0
    doubts: list[Doubt] = field(default_factory=list)


def take(lake: Lake, registers: Sequence[Register], now: datetime | None = None) -> Taken:
    """Take the lines that are new in the registers; one that cannot be read is a doubt and keeps nobody waiting.

    The caller is the one run of this lake. Taken again, nothing is new.
    """
    known, done = last_taken(lake), Taken()
    found: list[dict[str, Any]] = []
    instant = (now or datetime.now(UTC)).astimezone(UTC)
    for register in registers:
        last = known.get(register.name, (0, NOTHING))
        if not register.path.exists():
            if last[0]:
                done.doubts.append(_gone(register, last[0]))
            continue
        try:
            found += [{**row, "known_at": instant} for row in _new(lake, register, last, done)]
        except (sqlite3.Error, ValueError, TypeError, KeyError) as cause:
            done.doubts.append(_unreadable(register, cause))
    if found:
        with lake.writing(SOURCE):
            place = lake.path("raw", TABLE)
            table = commits.open_or_create(place, LINE)
            commits.commit(table, [datafiles.write(pa.Table.from_pylist(found, LINE), place, {})])
            compaction.tidy(DeltaTable(place), ["register", "number"])
    done.lines = len(found)
    return done


def files(lake: Lake) -> list[str]:
    """Return the files of the lines; none where nothing was ever taken."""
    return lake.files("raw", TABLE) if lake.exists("raw", TABLE) else []


def relation(found: Sequence[str]) -> str:
    """Return the lines of some files as SQL reads them."""
    listed = ", ".join("'" + file.replace("'", "''") + "'" for file in found)
    return f"read_parquet([{listed}], hive_partitioning = false)"


def last_taken(lake: Lake) -> dict[str, tuple[int, str]]:
    """Return the number and the hash of each register's line that was taken last."""
    found = files(lake)
    if not found:
        return {}
    with connected() as connection:
        last = rows(
            connection,
            "select register, arg_max(number, (known_at, number)) as number, "
            f"arg_max(line_hash, (known_at, number)) as hash from {relation(found)} group by register",
        )
    return {row["register"]: (row["number"], row["hash"]) for row in last}


def _new(lake: Lake, register: Register, last: tuple[int, str], done: Taken) -> Iterator[dict[str, Any]]:
    with opened(register.path) as connection:
        if register.log and last[0] and register.log.hash_of(connection, last[0]) != last[1]:
            held = _held_still(lake, register, connection)
            done.doubts.append(_put_back(register, held[0], last[0]))
            last = held
        for line in islice(register.after(connection, *last), MOST_LINES):
            yield {
                **asdict(register.shaped(line.said)),
                "register": register.name,
                "number": line.number,
                "at": datetime.fromisoformat(line.at),
                "said": line.said,
                "previous_hash": line.previous_hash,
                "line_hash": line.hash,
            }


def _held_still(lake: Lake, register: Register, connection: sqlite3.Connection) -> tuple[int, str]:
    """Return the last line on which the register and the lake agree, where the register was cut or put back."""
    assert register.log is not None, "only a chained register can disagree"
    mine = {line.number: line.hash for line in register.log.lines(connection)}
    with connected() as engine:
        theirs = rows(
            engine,
            f"select number, line_hash from {relation(files(lake))} where register = $name order by known_at, number",
            name=register.name,
        )
    both = [(row["number"], row["line_hash"]) for row in theirs if mine.get(row["number"]) == row["line_hash"]]
    return max(both, default=(0, NOTHING))


def _put_back(register: Register, held: int, last: int) -> Doubt:
    return Doubt(
        register.name,
        f"{register.path.name}：日志在第 {held} 条之后与已入湖的不同（已入湖至第 {last} 条）："
        "曾被截断、改动或恢复为旧副本",
        f"{register.path}: behind line {held} the log is not the one that was taken in up to line {last}: it was cut, "
        "changed, or put back from an older copy",
    )


def _gone(register: Register, last: int) -> Doubt:
    return Doubt(
        register.name,
        f"{register.path.name}：日志文件不在了，已入湖 {last} 条",
        f"{register.path}: the log is gone; {last} of its lines are in the lake",
    )


def _unreadable(register: Register, cause: Exception) -> Doubt:
    return Doubt(
        register.name,
        f"{register.path.name}：日志无法读取（{cause}）",
        f"{register.path}: the log cannot be read ({cause})",
    )
