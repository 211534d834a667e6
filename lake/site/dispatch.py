"""dispatch.yaml: the limits of the dispatch model. Who lets nothing be advised, has no such file."""

from collections.abc import Iterator, Mapping, Set
from pathlib import Path
from typing import Any

from lake.site import declared
from lake.site.csv_file import CsvFile
from lake.site.fault import allowed, nearest
from lake.site.yaml_file import YamlFile, check_paths, read_yaml

FILE = "dispatch.yaml"
#: What a device of each kind cannot do without.
_NEEDED = {
    "purchase": ("energy_unit_id", "carrier", "max_kw"),
    "sale": ("price_cny_per_kwh", "max_kw"),
    "source": (),
    "converter": ("at",),
    "storage": ("out_point", "capacity_kwh", "max_kw"),
    "shiftable": ("max_kw",),
}
_AT = {"power_kw", "fuel", "gives", "takes"}


def read_dispatch(path: Path) -> tuple[YamlFile, dict[str, Any]]:
    """Read and check the file by itself; return what it says with defaults filled in, nothing where there is none."""
    if not (path / FILE).is_file():
        return YamlFile(FILE), {}
    read = read_yaml(path / FILE)
    if not read.content:
        return read, {}
    found = check_paths(read, "", read.content, declared.dispatch_settings())
    for name, device in _maps(found, "devices"):
        _check_device(read, f"devices.{name}", device)
    return read, found


def _maps(found: Mapping[str, Any], key: str) -> Iterator[tuple[str, dict[str, Any]]]:
    things = found.get(key)
    for name, told in things.items() if isinstance(things, dict) else ():
        if isinstance(told, dict):
            yield name, told


def _check_device(read: YamlFile, place: str, device: Mapping[str, Any]) -> None:
    kind = str(device.get("kind"))
    for key in _NEEDED.get(kind, ()):
        if device.get(key) is None:
            read.fault(f"{place}.{key}", f"is missing, a {kind} needs it")
    at = device.get("at")
    if kind != "converter" or at is None:
        return
    points = at if isinstance(at, list) and all(isinstance(point, dict) for point in at) else []
    powers = [point.get("power_kw") for point in points]
    if not 1 <= len(points) <= 2 or not all(isinstance(power, int | float) and power > 0 for power in powers):
        read.fault(f"{place}.at", "is not one or two operating points with power_kw above 0, the least load first")
    elif powers != sorted(set(powers)):
        read.fault(f"{place}.at", "is not in order, the least load comes first")
    for key in sorted({key for point in points for key in point} - _AT):
        read.fault(f"{place}.at", f"{key!r} is unknown{nearest(key, _AT)}, {allowed(_AT)}")
    if any(point.get("fuel") for point in points) and not (device.get("carrier") and device.get("energy_unit_id")):
        read.fault(f"{place}.carrier", "is missing, fuel needs a carrier and an energy_unit_id for its price")


def check(read: YamlFile, found: Mapping[str, Any], files: Mapping[str, CsvFile]) -> None:
    """Say which names of the file are not in the site: organisations, units, points, and nodes of the file itself."""
    if not found:
        return
    known = {thing: _ids(files, f"{thing}s", f"{thing}_id") for thing in ("organization", "energy_unit", "point")}
    nodes = {name for name, _ in _maps(found, "nodes")}
    for place, kind, name in _names(found):
        words = nodes if kind == "node" else known[kind]
        if name not in words:
            read.fault(place, f"{name!r} is unknown{nearest(str(name), words)}, no such {kind}")


def _ids(files: Mapping[str, CsvFile], file: str, column: str) -> Set[str]:
    frame = files[file].frame()
    return set(frame[column].drop_nulls().to_list()) if column in frame.columns else set()


def _names(found: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Yield each name of another thing with its place and what it names."""
    yield "organization_id", "organization", found.get("organization_id")
    for name, node in _maps(found, "nodes"):
        yield f"nodes.{name}.organization_id", "organization", node.get("organization_id")
    for name, device in _maps(found, "devices"):
        place = f"devices.{name}"
        for key, kind in (
            ("node", "node"),
            ("point", "point"),
            ("out_point", "point"),
            ("energy_unit_id", "energy_unit"),
        ):
            if device.get(key) is not None:
                yield f"{place}.{key}", kind, device[key]
        for carrier, point in (device.get("contracts") or {}).items():
            yield f"{place}.contracts.{carrier}", "point", point
        yield from ((f"{place}.at", "node", node) for node in _others(device.get("at")))
    for name, link in _maps(found, "links"):
        for key, kind in (("from", "node"), ("to", "node"), ("point", "point")):
            yield f"links.{name}.{key}", kind, link.get(key)


def _others(at: Any) -> Iterator[str]:  # noqa: ANN401 -- any YAML value
    """Yield the nodes that operating points give to or take from."""
    for point in at if isinstance(at, list) else ():
        for key in ("gives", "takes"):
            yield from (point.get(key) or {}) if isinstance(point, dict) else ()
