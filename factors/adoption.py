"""An adoption: the entry of factor_rules.csv that puts a vintage in force for a period, with the day and the reason."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from factors.vintages import Vintage
from lake.errors import FactorError

FILE = "factor_rules.csv"
_POWER = "national_electricity_statistics"
_ELSEWHERE = {
    "warming_potential": "the potentials follow the guideline and `gwp_set` in site.yaml",
    "heat_and_process": "these factors follow the guideline of the organisation",
}

Row = Mapping[str, Any]


def rule(vintage: Vintage, rows: Sequence[Row], begins: date, decided: date, reason: str) -> dict[str, str]:
    """Return the entry that adopts a vintage from a day on.

    `rows` are its numbers. Raises FactorError where a vintage of that kind is not adopted by a rule, or names no year
    where it needs one.
    """
    subject = rows[0]["subject"]
    entry = {"valid_from": begins.isoformat(), "adopted_on": decided.isoformat(), "reason": reason}
    if subject == "fuel_emission":
        return {"kind": "fuel", "factor_set": vintage.name} | entry
    if subject == "standard_coal" and _POWER not in (vintage.name, rows[0]["factor_set"]):
        return {"kind": "coal_equivalent", "factor_set": vintage.name} | entry
    if subject not in {"grid_emission", "standard_coal"}:
        where = _ELSEWHERE.get(subject, "write its row in factors.csv")
        raise FactorError(f"'{vintage}' is not adopted by a rule: {where}")
    if vintage.year is None:
        raise FactorError(f"'{vintage}' holds several years; name one, as in {vintage.name}@2023")
    entry |= {"data_year": str(vintage.year), "published_on": str(vintage.published_on or "")}
    if subject == "standard_coal":
        return {"kind": "electricity_equivalent"} | entry
    return {"kind": "grid", "factor_type": "" if vintage.name == subject else vintage.name} | entry


def append(folder: Path, entry: Mapping[str, str]) -> int:
    """Write an entry at the end of a site's factor_rules.csv, made where there is none; return its line."""
    return append_rows(folder / FILE, [entry])


def append_rows(file: Path, rows: Sequence[Mapping[str, str]]) -> int:
    """Write rows at the end of a CSV file of a site, with the columns they need; return the line of the first."""
    header, kept = _read(file)
    header += [name for name in dict.fromkeys(name for row in rows for name in row) if name not in header]
    text = io.StringIO()
    writer = csv.DictWriter(text, header, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(kept)
    line = text.getvalue().count("\n") + 1
    writer.writerows(rows)
    incoming = file.with_name(f".{file.name}.incoming")
    incoming.write_text(text.getvalue(), encoding="utf-8")
    incoming.replace(file)
    return line


def _read(file: Path) -> tuple[list[str], list[dict[str, str]]]:
    if not file.is_file():
        return [], []
    data = file.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030")
    reader = csv.DictReader(io.StringIO(text, newline=""))
    rows = list(reader)
    return [name for name in reader.fieldnames or [] if name], rows
