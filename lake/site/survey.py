"""Reads every file of a site folder and gathers what is wrong, without stopping at the first fault."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from lake.errors import SiteError
from lake.site import alerts, declared, dispatch, relations, roles, rules, secrets
from lake.site.csv_file import CsvFile, read_csv
from lake.site.fault import Fault, allowed, nearest
from lake.site.methods import Methods
from lake.site.methods import read as read_methods
from lake.site.notices import read_notices
from lake.site.uplinks import read_uplinks
from lake.site.yaml_file import YamlFile, check_paths, is_zone, read_yaml, with_variables


@dataclass
class Survey:
    """What a site folder holds, and its faults in the order of files and lines; packages have theirs apart."""

    path: Path
    settings: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, dict[str, Any]] = field(default_factory=dict)
    uplinks: dict[str, dict[str, Any]] = field(default_factory=dict)
    notices: dict[str, dict[str, Any]] = field(default_factory=dict)
    dispatch: dict[str, Any] = field(default_factory=dict)
    files: dict[str, CsvFile] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    methods: Methods = field(default_factory=Methods)


def survey(path: Path, env: Mapping[str, str]) -> Survey:
    """Read and check a whole site folder."""
    if not path.is_dir():
        raise SiteError(f"there is no site folder at {path}; `nengtan init {path}` writes one to start from")
    read = Survey(path)
    site_yaml, sources_yaml = read_yaml(path / "site.yaml"), read_yaml(path / "sources.yaml")
    if site_yaml.content:
        read.settings = check_paths(site_yaml, "", site_yaml.content, declared.site_settings())
    read.sources = _sources(sources_yaml, env)
    read.methods = read_methods(path, read.settings.get("method_packages") or ())
    uplinks_yaml, read.uplinks = read_uplinks(path, env)
    notices_yaml, read.notices = read_notices(path, env)
    dispatch_yaml, read.dispatch = dispatch.read_dispatch(path)
    zone = str(read.settings.get("timezone", "UTC"))
    for name, spec in declared.files(read.methods.items).items():
        read.files[name] = read_csv(path / spec.file, spec, ZoneInfo(zone if is_zone(zone) else "UTC"))
    roles.fill(read.files)
    relations.check(read.files, set(read.sources) if sources_yaml.content else None)
    rules.check(path, read.files, {name: str(found.get("kind")) for name, found in read.sources.items()})
    dispatch.check(dispatch_yaml, read.dispatch, read.files)
    alerts.check_channels(read.files["alert_rules"], set(read.notices))
    pages = [page.faults for page in (site_yaml, sources_yaml, uplinks_yaml, notices_yaml, dispatch_yaml)]
    gathered = [*pages, _strangers(path), *(file.faults for file in read.files.values())]
    read.faults = [fault for faults in gathered for fault in sorted(set(faults))]
    return read


def _sources(read: YamlFile, env: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Check sources.yaml; return each connection with its kind, defaults and variables filled in."""
    if not read.content:
        return {}
    for key in set(read.content) - {"sources"}:
        read.fault(key, "is unknown, allowed: sources")
    connections = read.content.get("sources")
    if not isinstance(connections, dict):
        read.fault("sources", "is missing, allowed: `sources:` with one key for each connection")
        return {}
    found: dict[str, dict[str, Any]] = {}
    for name, connection in connections.items():
        path = f"sources.{name}"
        found[name] = {}
        if not isinstance(connection, dict):
            read.fault(path, "must be a map, allowed: `kind:` and the settings of that kind")
            continue
        secrets.check(read, path, connection, env)
        found[name] = _connection(read, path, with_variables(read, path, connection, env))
    return found


def _connection(read: YamlFile, path: str, connection: dict[str, Any]) -> dict[str, Any]:
    name = path.rpartition(".")[2]
    if not name.replace("_", "").isalnum() or not name.isascii() or name != name.lower() or "__" in name:
        read.fault(path, f"{name!r} is no good name, allowed: small letters, digits and single underscores")
    kinds = declared.source_kinds()
    kind = str(connection.get("kind", ""))
    if kind not in kinds:
        read.fault(f"{path}.kind", f"{kind!r} is unknown{nearest(kind, kinds)}, {allowed(kinds)}")
        return {"kind": kind}
    settings = {key: value for key, value in connection.items() if key != "kind"}
    return {"kind": kind, **check_paths(read, f"{path}.", settings, kinds[kind])}


def _strangers(path: Path) -> list[Fault]:
    """Note CSV files whose name is so close to a declared one that it must be a slip."""
    known = set(declared.files())
    faults = []
    for file in sorted(path.glob("*.csv")):
        if file.stem not in known and nearest(file.stem, known):
            faults.append(Fault(file.name, 1, "file", f"is unknown{nearest(file.stem, known)}, {allowed(known, 40)}"))
    return faults
