"""Reads the folder of a method package and names everything that keeps it from being used, by file and line."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from lake.own import trial
from lake.own.package import Item, Package, Parameter
from lake.site.fault import Fault, allowed
from lake.site.yaml_file import YamlFile, read_yaml
from lake.units import units
from lake.vocabulary import Clause

_ID = re.compile(r"[a-z][a-z0-9_]*")
_CITED = re.compile(r"^\s*--\s*Clause:\s*(.+)$", re.MULTILINE)
_CONFIDENCE = ("recalled", "verified")
_TEXTS = ("id", "version", "vendor", "zh", "en", "gas")
_LISTS = ("takes", "items", "parameters", "tests")
_ROWS = ("activity", "lines")
_NEEDED = ("takes", "tests")
_MISSING = "is missing, a method package needs method.yaml and lines.sql"
_CLAUSE = ("standard", "edition", "zh", "en", "equation", "locator", "confidence")
_OF_LIST = {
    "takes": ("guideline", "item"),
    "items": ("item", "name_zh", "name_en", "unit"),
    "parameters": ("parameter", "value", "unit", "source", "confidence"),
    "tests": ("says", "activity", "lines"),
}


@dataclass(frozen=True)
class Found:
    """The package of a folder, or none and its faults; `items` are what it names, as far as that can be read."""

    package: Package | None = None
    faults: tuple[Fault, ...] = ()
    items: frozenset[str] = frozenset()


def read(folder: Path, named: str) -> Found:
    """Read the package of a folder that the site calls `named`; one without faults has passed its own tests."""
    missing = [name for name in ("method.yaml", "lines.sql") if not (folder / name).is_file()]
    if missing:
        return Found(faults=tuple(Fault(f"{named}/{name}", 1, "file", _MISSING) for name in missing))
    page, sql = read_yaml(folder / "method.yaml"), (folder / "lines.sql").read_text("utf-8-sig").strip().rstrip(";")
    if page.content:
        _check(page)
        _check_citation(page, sql)
    faults = [Fault(f"{named}/{fault.file}", fault.line, fault.column, fault.message) for fault in page.faults]
    listed = [entry for entry in _list(page.content, "items") if isinstance(entry, Mapping)]
    items = frozenset(str(entry["item"]) for entry in listed if entry.get("item"))
    if faults:
        return Found(faults=tuple(faults), items=items)
    package = _package(page.content, sql, (folder / "method.yaml").read_bytes())
    if wrong := trial.complaint(package):
        return Found(faults=(Fault(f"{named}/{wrong.file}", 1, wrong.where, wrong.message),), items=items)
    return Found(package, items=items)


def _check(page: YamlFile) -> None:
    content = page.content
    for key in sorted(content.keys() - {*_TEXTS, *_LISTS, "clause"}):
        page.fault(key, f"is unknown, {allowed((*_TEXTS, *_LISTS, 'clause'), 20)}")
    for key in _TEXTS:
        if not str(content.get(key) or "").strip():
            page.fault(key, "is missing, a method package names it")
    if content.get("id") and not _ID.fullmatch(str(content["id"])):
        page.fault("id", f"{content['id']!r} is no good name, allowed: small letters, digits and underscores")
    clause = content.get("clause")
    if not isinstance(clause, Mapping):
        page.fault("clause", f"is missing, a method says which rule it follows: {', '.join(_CLAUSE)}")
    else:
        _check_entry(page, "clause", clause, _CLAUSE)
    for key in _LISTS:
        entries = content.get(key) or []
        if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
            page.fault(key, "must be a list of maps")
        elif not entries and key in _NEEDED:
            page.fault(key, "is missing, a method package has at least one")
        else:
            for number, entry in enumerate(entries):
                _check_entry(page, f"{key}.{number}", entry, _OF_LIST[key])


def _check_entry(page: YamlFile, path: str, entry: Mapping[str, Any], needed: tuple[str, ...]) -> None:
    for key in needed:
        if entry.get(key) in (None, "") or (key in _ROWS and not isinstance(entry[key], list)):
            page.fault(f"{path}.{key}", f"is missing, allowed: {', '.join(needed)}")
    if "confidence" in needed and entry.get("confidence") and entry["confidence"] not in _CONFIDENCE:
        page.fault(f"{path}.confidence", f"{entry['confidence']!r} is unknown, {allowed(_CONFIDENCE)}")
    if path.startswith("items.") and entry.get("unit") and entry["unit"] not in units():
        page.fault(f"{path}.unit", f"{entry['unit']!r} is unknown, allowed: a unit of lake/units.yaml")
    if path.startswith("parameters.") and entry.get("value") not in (None, ""):
        try:
            Decimal(str(entry["value"]))
        except InvalidOperation:
            page.fault(f"{path}.value", f"{entry['value']!r} is not a number")


def _check_citation(page: YamlFile, sql: str) -> None:
    key = f"own.{page.content.get('id')}"
    if key not in [word.strip() for line in _CITED.findall(sql) for word in line.split(",")]:
        page.fault("clause", f"is not named by lines.sql, write `-- Clause: {key}` above its SELECT")


def _package(content: Mapping[str, Any], sql: str, page: bytes) -> Package:
    clause = dict(content["clause"])
    key = f"own.{content['id']}"
    return Package(
        **{name: str(content[name]) for name in _TEXTS},
        clause=Clause(key=key, status="implemented", **{**clause, "terms": dict(clause.get("terms") or {})}),
        takes=tuple((str(entry["guideline"]), str(entry["item"])) for entry in content["takes"]),
        items=tuple(
            Item(**{name: str(entry[name]) for name in _OF_LIST["items"]}) for entry in _list(content, "items")
        ),
        parameters=tuple(_parameter(entry) for entry in _list(content, "parameters")),
        cases=tuple(content["tests"]),
        sql=sql,
        digest=hashlib.sha256(page + b"\0" + sql.encode()).hexdigest()[:16],
    )


def _parameter(entry: Mapping[str, Any]) -> Parameter:
    texts = {name: str(entry[name]) for name in ("parameter", "unit", "source", "confidence")}
    return Parameter(**texts, value=Decimal(str(entry["value"])), url=str(entry["url"]) if entry.get("url") else None)


def _list(content: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    entries = content.get(key)
    return list(entries) if isinstance(entries, list) else []
