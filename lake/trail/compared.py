"""Whether the trail in the lake follows from itself, and the registers of this machine are those it was taken from."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lake.chained import NOTHING, follows
from lake.engine import connected
from lake.store import Lake
from lake.trail.registers import Register, opened
from lake.trail.table import files, relation


@dataclass
class Verdict:
    """How many lines lie in the lake, how many wait in the registers, and what does not hold, as sentences."""

    lines: int = 0
    waiting: int = 0
    faults: list[str] = field(default_factory=list)


def compare(lake: Lake, registers: Sequence[Register]) -> Verdict:
    """Compare each line with its hash, with the one before it, and with the register where that is on this machine."""
    verdict = Verdict()
    taken = _taken(lake, verdict)
    for register in registers:
        if register.log is not None and register.path.exists():
            try:
                verdict.faults += _of_register(register, taken.get(register.name, {}), verdict)
            except (sqlite3.Error, KeyError, TypeError) as cause:
                verdict.faults.append(f"{register.path}: the log cannot be read ({cause})")
    return verdict


def _taken(lake: Lake, verdict: Verdict) -> dict[str, dict[int, str]]:
    """Return the hash of each register's lines by number, as the lake has them; the later taking of two counts."""
    found = files(lake)
    if not found:
        return {}
    order = "select register, number, said, previous_hash, line_hash from {} order by register, known_at, number"
    taken: dict[str, dict[int, str]] = {}
    seen: set[tuple[str, str]] = set()
    with connected() as connection:
        cursor = connection.execute(order.format(relation(found)))
        while rows := cursor.fetchmany(10_000):
            for register, number, said, before, digest in rows:
                verdict.lines += 1
                if follows(before, said) != digest:
                    verdict.faults.append(f"audit trail: line {number} of {register} is not what its hash was made of")
                elif before != NOTHING and (register, before) not in seen:
                    verdict.faults.append(f"audit trail: line {number} of {register} follows a line that is not there")
                seen.add((register, digest))
                taken.setdefault(register, {})[number] = digest
    return taken


def _of_register(register: Register, taken: dict[int, str], verdict: Verdict) -> Iterator[str]:
    assert register.log is not None, "the trail chains the others itself"
    with opened(register.path) as connection:
        broken = register.log.broken_at(connection)
        if broken is not None:
            yield f"{register.path}: line {broken} does not follow from those before it: the log was tampered with"
        mine = {line.number: line.hash for line in register.log.lines(connection)}
    verdict.waiting += len(mine.keys() - taken.keys())
    other = sorted(number for number, digest in taken.items() if mine.get(number) != digest)
    if other:
        said = f"{len(other)} of its lines, the first one {other[0]}, are not those that the lake took in"
        yield f"{register.path}: {said}: it was changed, cut or put back"
