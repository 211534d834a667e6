"""Rows of a published export as rows of a site's factors.csv, by a mapping file.

`columns`    factors.csv column: heading of the export, or a text with headings in braces
`constants`  factors.csv column: the same in every row
`words`      for a column, word of the export: our word; a row with another word is left out and told
`where`      heading: the words that are wanted; other rows are none of ours
`id`         the factor_id, with columns or headings in braces
`encoding`, `delimiter`, `skip_lines`   how the file is written

Values are converted from the unit they come in to the one that factors.csv holds.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from factors.dimensions import conversion
from factors.load import load
from lake.errors import FactorError, NengtanError
from lake.site.declared import files

#: The unit in which factors.csv holds a property; `{unit}` is the carrier's own. Others are kept as they are printed.
_UNITS = {
    "kgco2_per_kwh": "kgCO2/kWh",
    "gj_per_unit": "GJ/{unit}",
    "tce_calorific_per_unit": "tce/{unit}",
    "tco2_per_unit": "tCO2/{unit}",
    "carbon_content_tc_per_unit": "tC/{unit}",
    "carbon_content_tc_per_gj": "tC/GJ",
    "oxidation_ratio": "ratio",
    "purity_ratio": "ratio",
}
_KEYS = {"columns", "constants", "words", "where", "id", "encoding", "delimiter", "skip_lines"}


@dataclass(frozen=True)
class ImportMap:
    """What a mapping file says."""

    columns: dict[str, str]
    id: str
    constants: dict[str, str] = field(default_factory=dict)
    words: dict[str, dict[str, str]] = field(default_factory=dict)
    where: dict[str, list[str]] = field(default_factory=dict)
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    skip_lines: int = 0


@dataclass(frozen=True)
class LeftOut:
    """A row of the export that is not taken, and why."""

    line: int
    reason: str


def read_mapping(path: Path) -> ImportMap:
    """Read a mapping file; raises FactorError where it says what is not known or misses what is needed."""
    try:
        page = YAML(typ="safe").load(path.read_text("utf-8")) or {}
    except YAMLError as cause:
        raise FactorError(f"{path.name}: is no YAML ({str(cause).splitlines()[0]})") from cause
    strange = sorted(set(page) - _KEYS)
    if strange:
        raise FactorError(f"{path.name}: '{strange[0]}' is not known; allowed: {', '.join(sorted(_KEYS))}")
    ours = set(files()["factors"].columns)
    for part in ("columns", "constants", "words"):
        wrong = sorted(set(page.get(part) or {}) - ours)
        if wrong:
            raise FactorError(f"{path.name}: {part}: '{wrong[0]}' is no column of factors.csv")
    missing = [name for name in ("columns", "id") if name not in page]
    if missing:
        raise FactorError(f"{path.name}: `{missing[0]}` is missing; a mapping needs columns and id")
    page["constants"] = {name: str(value) for name, value in (page.get("constants") or {}).items()}
    page["words"] = {
        column: {str(word): str(ours) for word, ours in words.items()}
        for column, words in (page.get("words") or {}).items()
    }
    return ImportMap(**page)


def read(path: Path, mapping: ImportMap) -> tuple[list[dict[str, str]], list[LeftOut]]:
    """Return the rows for factors.csv, and those left out.

    Raises FactorError where the export lacks a heading of the mapping.
    """
    text = path.read_bytes().decode(mapping.encoding, errors="replace")
    lines = text.splitlines(keepends=True)[mapping.skip_lines :]
    reader = csv.DictReader(io.StringIO("".join(lines), newline=""), delimiter=mapping.delimiter)
    needed = [*mapping.where, *(heading for heading in mapping.columns.values() if "{" not in heading)]
    absent = [heading for heading in needed if heading not in (reader.fieldnames or [])]
    if absent:
        raise FactorError(f"{path.name}: there is no column '{absent[0]}'; it has {', '.join(reader.fieldnames or [])}")
    carriers = {row["carrier"]: row["unit"] for row in load()["carriers"].to_pylist()}
    taken: list[dict[str, str]] = []
    left: list[LeftOut] = []
    ids: set[str] = set()
    for cells in reader:
        line = reader.line_num + mapping.skip_lines
        if any(cells[heading] not in wanted for heading, wanted in mapping.where.items()):
            continue
        try:
            row = _row(cells, mapping, carriers)
            if row["factor_id"] in ids:
                raise FactorError(f"the id {row['factor_id']} stands twice")
        except NengtanError as cause:
            left.append(LeftOut(line, str(cause)))
            continue
        ids.add(row["factor_id"])
        taken.append(row)
    return taken, left


def _row(cells: Mapping[str, Any], mapping: ImportMap, carriers: Mapping[str, str]) -> dict[str, str]:
    row = dict(mapping.constants)
    for column, heading in mapping.columns.items():
        row[column] = _filled(heading, cells) if "{" in heading else (cells[heading] or "").strip()
    for column, words in mapping.words.items():
        if row[column] not in words:
            raise FactorError(f"{column} '{row[column]}' is not among the words of the mapping")
        row[column] = words[row[column]]
    row["value"] = format(_value(row, carriers), "f")
    row["factor_id"] = "-".join(_filled(mapping.id, {**cells, **row}).split())
    return {"factor_id": row.pop("factor_id"), **row}


def _filled(pattern: str, cells: Mapping[str, Any]) -> str:
    try:
        return pattern.format(**cells)
    except (KeyError, IndexError) as cause:
        raise FactorError(f"'{pattern}' names {cause}, which is no column") from cause


def _value(row: Mapping[str, str], carriers: Mapping[str, str]) -> Decimal:
    text = row.get("value", "").replace(",", "")
    try:
        value = Decimal(text)
    except InvalidOperation as cause:
        raise FactorError(f"'{text}' is no number" if text else "the value is blank") from cause
    if not value.is_finite() or value < 0:
        raise FactorError(f"'{text}' is no number from zero up")
    wanted = _UNITS.get(row.get("property", ""))
    unit = "percent" if row.get("unit") == "%" else row.get("unit")
    if wanted is None or not unit:
        return value
    wanted = wanted.format(unit=carriers.get(row.get("carrier", ""), "t"))
    factor = conversion(unit, wanted)
    if factor is None:
        raise FactorError(f"the unit '{unit}' is no unit of {row['property']}; it has the dimension of {wanted}")
    return (value * factor).quantize(Decimal("1e-9")).normalize()
