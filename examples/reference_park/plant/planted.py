"""The bad inputs of the day, planted_bad.csv: what a plant really sends now and then, and why it must be refused."""

import csv
import json
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("planted_bad.csv")


@dataclass(frozen=True)
class Bad:
    """One bad input. `text` is a line of a file or the message itself; tag, at and value are a row's.

    `at` is local wall-clock text; `{date}` in it stands for the recorded day.
    """

    source: str
    quarter: int
    reason_code: str
    what: str
    tag: str
    at: str
    value: str
    text: str

    def on(self, day: date) -> "Bad":
        """Return it with the recorded day's date filled in."""
        filled = {name: getattr(self, name).replace("{date}", day.isoformat()) for name in ("at", "text")}
        return Bad(**{**asdict(self), **filled})


@cache
def bad_inputs() -> tuple[Bad, ...]:
    """Return all of them."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        return tuple(Bad(**{**row, "quarter": int(row["quarter"])}) for row in csv.DictReader(lines))


def of(source: str, quarter: int, day: date) -> list[Bad]:
    """Return what the source plants in a quarter hour of the recorded day."""
    return [bad.on(day) for bad in bad_inputs() if bad.source == source and bad.quarter == quarter]


def write(data: Path, day: date) -> None:
    """List the bad inputs beside the truth; each arrives once."""
    path = data / "truth/planted_bad.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    content = [asdict(bad.on(day)) for bad in bad_inputs()]
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
