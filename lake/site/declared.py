"""What a site folder may hold, as declared in files.yaml, settings.yaml and vocabularies.yaml."""

from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from lake import pages
from lake.units import units

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class ColumnSpec:
    """One column of a CSV file, or one dotted path of a YAML file."""

    name: str
    type: str
    required: bool = False
    default: str | None = None
    enum: tuple[str, ...] = ()
    vocabulary: str | None = None
    references: str | None = None
    pattern: str | None = None
    min: str | None = None
    max: str | None = None
    above: str | None = None
    decimals: int = 6
    open: bool = False
    also: frozenset[str] = frozenset()
    zh: str = ""
    en: str = ""

    @property
    def words(self) -> frozenset[str]:
        """The words a cell may hold; empty where it is free."""
        return vocabulary(self.vocabulary) | self.also if self.vocabulary else frozenset(self.enum)


@dataclass(frozen=True)
class FileSpec:
    """One CSV file of a site folder.

    `row_by_row`: nothing hangs on its rows but their own figures; one with a fault is set aside, the rest is used.
    """

    name: str
    zh: str
    en: str
    columns: dict[str, ColumnSpec] = field(default_factory=dict)
    required: bool = False
    key: tuple[str, ...] = ()
    validity: tuple[str, ...] = ()
    open: bool = False
    row_by_row: bool = False

    @property
    def file(self) -> str:
        """The file's name in the folder."""
        return f"{self.name}.csv"


@lru_cache
def _load(name: str) -> Any:  # noqa: ANN401 - a YAML page of ours, which nobody changes
    return pages.page(_HERE / name)


def _column(name: str, spec: dict[str, Any]) -> ColumnSpec:
    known = dict(spec)
    known["enum"] = tuple(str(word) for word in known.get("enum", ()))
    for bound in ("min", "max", "above", "default"):
        if known.get(bound) is not None:
            known[bound] = str(known[bound])
    return ColumnSpec(name=name, **known)


@lru_cache
def files(own_items: frozenset[str] = frozenset()) -> dict[str, FileSpec]:
    """Return every CSV file of a site folder by its stem; `own_items` may stand where an item of the library may."""
    specs: dict[str, FileSpec] = {}
    for name, raw in _load("files.yaml").items():
        spec = dict(raw)
        columns = {column: _column(column, text) for column, text in (spec.pop("columns", None) or {}).items()}
        columns |= {
            name: replace(column, also=own_items) for name, column in columns.items() if column.vocabulary == "item"
        }
        key, validity = tuple(spec.pop("key", ())), tuple(spec.pop("validity", ()))
        specs[name] = FileSpec(name=name, columns=columns, key=key, validity=validity, **spec)
    return specs


@lru_cache
def site_settings() -> dict[str, ColumnSpec]:
    """Return the keys of site.yaml."""
    return {name: _column(name, spec) for name, spec in _load("settings.yaml")["site"].items()}


@lru_cache
def source_kinds() -> dict[str, dict[str, ColumnSpec]]:
    """Return the keys of a connection in sources.yaml, by kind and dotted path."""
    kinds = _load("settings.yaml")["source"]
    return {kind: {name: _column(name, spec) for name, spec in keys.items()} for kind, keys in kinds.items()}


@lru_cache
def uplink_settings() -> dict[str, ColumnSpec]:
    """Return the keys of an uplink in uplinks.yaml, by dotted path."""
    return {name: _column(name, spec) for name, spec in _load("settings.yaml")["uplink"].items()}


@lru_cache
def notice_settings() -> dict[str, ColumnSpec]:
    """Return the keys of a channel in notices.yaml, by dotted path."""
    return {name: _column(name, spec) for name, spec in _load("settings.yaml")["notice"].items()}


@lru_cache
def dispatch_settings() -> dict[str, ColumnSpec]:
    """Return the keys of dispatch.yaml, by dotted path."""
    return {name: _column(name, spec) for name, spec in _load("settings.yaml")["dispatch"].items()}


@lru_cache
def vocabulary(name: str) -> frozenset[str]:
    """Return the words of one vocabulary: the units of the house, or a list of vocabularies.yaml."""
    if name == "unit":
        return frozenset(units())
    return frozenset(_load("vocabularies.yaml")[name])


@lru_cache
def carrier_groups() -> dict[str, str]:
    """Return the group of each carrier."""
    groups: dict[str, str] = _load("vocabularies.yaml")["carrier"]
    return groups
