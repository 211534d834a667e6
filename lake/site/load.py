"""Reads a site folder: settings, tables and connections, as frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from lake.errors import SiteError
from lake.site import aside, survey
from lake.site.methods import Methods


@dataclass(frozen=True)
class SiteSettings:
    """What site.yaml says; `own_methods` is what the models are told of its method packages, as JSON."""

    id: str
    name_zh: str
    name_en: str
    timezone: str
    currency: str
    grid_region: str
    gwp_set: str
    factor_sets: dict[str, str]
    interval_minutes: int
    language: str
    equivalent_basis: str
    calibration_notice_days: int
    training_notice_days: int
    own_methods: str = ""


@dataclass(frozen=True)
class SourceSpec:
    """One connection of sources.yaml; its settings may hold secrets and are never printed."""

    id: str
    kind: str
    settings: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class UplinkSpec:
    """One platform of uplinks.yaml; its settings may hold secrets and are never printed."""

    id: str
    settings: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class ChannelSpec:
    """One channel of notices.yaml; its settings may hold secrets and are never printed."""

    id: str
    settings: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Site:
    """A site folder that can be used: its method packages may have faults, and the rows of `refused` had some."""

    path: Path
    settings: SiteSettings
    tables: dict[str, pa.Table]
    sources: dict[str, SourceSpec]
    methods: Methods = field(default_factory=Methods)
    uplinks: dict[str, UplinkSpec] = field(default_factory=dict)
    dispatch: dict[str, Any] = field(default_factory=dict)
    refused: pa.Table = field(default_factory=lambda: pa.Table.from_pylist([], aside.SCHEMA))
    channels: dict[str, ChannelSpec] = field(default_factory=dict)


def read_site(path: Path | str, env: Mapping[str, str]) -> Site:
    """Read a site folder; ${NAME} in sources.yaml comes from `env`.

    Every declared CSV file is a table (an absent one is empty), columns typed as files.yaml declares, further columns
    as text. A fault in a row that nothing hangs on (files.yaml: row_by_row) sets the row aside. Raises SiteError where
    the folder has another fault.
    """
    return of_survey(survey.survey(Path(path), env))


def of_survey(read: survey.Survey) -> Site:
    """Return the site that was surveyed; raises SiteError where a fault costs more than a row."""
    path = read.path
    found_aside = aside.split(read.files, read.faults)
    if found_aside.blocking:
        first, more = found_aside.blocking[0], len(read.faults) - 1
        rest = f" and {more} more faults" if more else ""
        raise SiteError(f"the site {path} has a fault: {first}{rest}; `nengtan check {path}` lists them all")
    settings = {name: read.settings.get(name) for name in SiteSettings.__dataclass_fields__}
    settings["own_methods"] = read.methods.variables()
    settings["name_en"] = settings["name_en"] or settings["name_zh"]
    settings["grid_region"] = settings["grid_region"] or ""
    settings["factor_sets"] = {key: str(value) for key, value in (settings["factor_sets"] or {}).items()}
    sources = {
        name: SourceSpec(name, str(found["kind"]), {key: value for key, value in found.items() if key != "kind"})
        for name, found in read.sources.items()
    }
    uplinks = {name: UplinkSpec(name, found) for name, found in read.uplinks.items()}
    return Site(
        path,
        SiteSettings(**settings),  # type: ignore[arg-type]
        found_aside.tables,
        sources,
        read.methods,
        uplinks,
        read.dispatch,
        found_aside.refused,
        {name: ChannelSpec(name, found) for name, found in read.notices.items()},
    )
