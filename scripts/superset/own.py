"""Check the pages that a site brings along: `SITE/dashboards/<page>.yaml` and `SITE/dashboards/charts/<slug>.yaml`.

    python -m scripts.superset.own SITE/dashboards  # a JSON list of faults; status 1 where any

They are written as `dashboards/README.md` says and may place the house's charts beside their own. Neither datasets nor
filters come from a site: whose rows a reader sees stays in one place.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from lake import vocabulary
from lake.site.fault import Fault, allowed, nearest
from lake.site.yaml_file import YamlFile, read_yaml
from scripts.superset import drawings, facts, specification
from scripts.superset.specification import DEVICES, LANGUAGES, Specification, say

ROOT = Path(__file__).resolve().parents[2]
AGGREGATES = ("SUM", "AVG", "MAX", "MIN", "COUNT")
CHART_KEYS = (
    *("draw", "dataset", "title", "x", "series", "target", "node", "parent", "depth", "value", "values", "columns"),
    *("where", "span", "order", "rows", "search", "page", "format", "bounds", "large", "lying", "better", "ignores"),
    "may_be_empty",
)
PAGE_KEYS = ("page", "name", "title", "devices")
DEVICE_KEYS = ("filters", "rows", "note", "theme", "refresh_seconds")
WIDTH = 12


def faults(folder: Path, house: Specification) -> list[Fault]:
    """Return every fault of a site's own pages and charts, by file and line; none where there is no such folder."""
    found: list[Fault] = []
    charts = {path.stem: _read(path, folder) for path in sorted((folder / "charts").glob("*.yaml"))}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not (path.suffix == ".yaml" and path.parent in (folder, folder / "charts")):
            found.append(_whole(path, folder, "is no page, allowed: <page>.yaml and charts/<slug>.yaml"))
    for slug, read in charts.items():
        if slug in house.charts:
            read.fault("file", "has the name of a chart that is there already, allowed: another name")
        elif read.content:
            _chart(read, house)
        found += read.faults
    for path in sorted(folder.glob("*.yaml")):
        read = _read(path, folder)
        if path.stem in house.pages or path.stem in ("datasets", "filters", "palette", "theme"):
            read.fault("file", "has a name that is the house's, allowed: another name")
        elif read.content:
            _page(read, path.stem, house, {*house.charts, *charts})
        found += read.faults
    return sorted(found)


def _read(path: Path, folder: Path) -> YamlFile:
    read = read_yaml(path)
    read.file = str(path.relative_to(folder.parent))
    read.faults = [replace(fault, file=read.file) for fault in read.faults]
    return read


def _whole(path: Path, folder: Path, message: str) -> Fault:
    return Fault(str(path.relative_to(folder.parent)), 1, "file", message)


def _known(read: YamlFile, place: str, word: object, words: Iterable[object]) -> bool:
    """Note a word that is not among those allowed; say whether it is."""
    known = sorted(str(one) for one in words)
    if str(word) in known:
        return True
    read.fault(place, f"{word!r} is unknown{nearest(str(word), known)}, {allowed(known, 30)}")
    return False


def _said(read: YamlFile, place: str, text: object) -> None:
    """A text that people read needs both languages, unless it names no language (a unit such as kWh)."""
    if isinstance(text, str) and text and not re.search(r"[\u4e00-\u9fff]", text) and place.endswith("unit"):
        return
    if not isinstance(text, dict) or set(text) != set(LANGUAGES) or not all(text.values()):
        read.fault(place, "is not said in both languages, allowed: {zh: …, en: …}")


def _page(read: YamlFile, stem: str, house: Specification, charts: Iterable[str]) -> None:
    page = read.content
    for key in sorted(set(page) - set(PAGE_KEYS)):
        _known(read, key, key, PAGE_KEYS)
    if not re.fullmatch(r"[a-z][a-z0-9_]*", stem) or page.get("page") != stem:
        read.fault("page", f"must be the file's name {stem!r}, of small letters, digits and _")
    for key in ("name", "title"):
        _said(read, key, page.get(key))
    devices = page.get("devices")
    if not isinstance(devices, dict) or "desk" not in devices:
        read.fault("devices", "lacks the desk, allowed: desk, and beside it wall and phone")
        return
    for device, settings in devices.items():
        if _known(read, f"devices.{device}", device, DEVICES) and isinstance(settings, dict):
            _device(read, f"devices.{device}", settings, house, charts)


def _device(read: YamlFile, place: str, settings: dict[str, Any], house: Specification, charts: Iterable[str]) -> None:
    for key in sorted(set(settings) - set(DEVICE_KEYS)):
        _known(read, f"{place}.{key}", key, DEVICE_KEYS)
    for name in settings.get("filters", []):
        _known(read, f"{place}.filters", name, house.filters)
    if "note" in settings:
        _said(read, f"{place}.note", settings["note"])
    rows = settings.get("rows")
    if not isinstance(rows, list) or not rows:
        read.fault(f"{place}.rows", "is empty, allowed: rows of {height: 40, charts: [{chart: 12}]}")
        return
    for number, row in enumerate(rows):
        cells = row.get("charts") if isinstance(row, dict) else None
        if not isinstance(cells, list) or not isinstance(row.get("height"), int):
            read.fault(f"{place}.rows.{number}", "is no row, allowed: {height: 40, charts: [{chart: 12}]}")
            continue
        for slug, _ in _cells(cells):
            _known(read, f"{place}.rows.{number}.charts", slug, charts)
        widths = [cell.get("width") if "stack" in cell else next(iter(cell.values()), 0) for cell in cells]
        if not all(isinstance(width, int) for width in widths) or sum(widths) != WIDTH:
            read.fault(
                f"{place}.rows.{number}.charts", f"widths are {widths}, allowed: whole numbers that sum to {WIDTH}"
            )


def _cells(cells: list[Any]) -> Iterator[tuple[str, object]]:
    for cell in cells:
        yield from ((slug, None) for slug in cell["stack"]) if "stack" in cell else cell.items()


def _chart(read: YamlFile, house: Specification) -> None:
    chart = read.content
    for key in sorted(set(chart) - set(CHART_KEYS)):
        _known(read, key, key, CHART_KEYS)
    _said(read, "title", chart.get("title"))
    _known(read, "draw", chart.get("draw"), drawings.KINDS)
    if isinstance(chart.get("x"), dict) and "title" in chart["x"]:
        _said(read, "x.title", chart["x"]["title"])
    if "span" in chart:
        _known(read, "span", chart["span"], facts.SPANS)
    for place, value in _values(chart):
        _said(read, f"{place}.label", value.get("label"))
        if not place.startswith("columns"):
            _said(read, f"{place}.unit", value.get("unit"))
        _known(read, f"{place}.aggregate", value.get("aggregate", "SUM"), AGGREGATES)
        if any(str(by).rstrip("0") != "1" for by in value.get("divide", {"zh": 1}).values()):
            read.fault(f"{place}.divide", "shows another number, allowed: a power of ten such as 1000")
        if "role" in value:
            _known(read, f"{place}.role", value["role"], house.palette["role"])
    if _known(read, "dataset", chart.get("dataset"), house.datasets):
        _columns(read, chart)


def _values(chart: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each value and each column of a table with its place."""
    if isinstance(chart.get("value"), dict):
        yield "value", chart["value"]
    for key in ("values", "columns"):
        for number, value in enumerate(chart.get(key, [])):
            if isinstance(value, dict):
                yield f"{key}.{number}", value


def _columns(read: YamlFile, chart: dict[str, Any]) -> None:
    """Every column that the chart reads must be one of its mart, in both languages."""
    mart, known = chart["dataset"], columns_of(chart["dataset"])
    try:
        used = {language: specification.columns(chart, language) for language in LANGUAGES}
    except (KeyError, TypeError, AttributeError) as cause:
        read.fault("file", f"cannot be drawn: {cause} is missing, see dashboards/README.md of Nengtan")
        return
    lines = {say(str(value.get("column")), "zh"): place for place, value in _values(chart)}
    for column in sorted({*used["zh"], *used["en"]} - known):
        place = f"{lines[column]}.column" if column in lines else "file"
        read.fault(place, f"{column!r} is no column of {mart}{nearest(column, known)}, {allowed(known, 60)}")


def columns_of(mart: str) -> set[str]:
    """Return the columns of a mart: as SQL makes it, or the room that does."""
    described = vocabulary.marts().get(mart)
    if described is not None:
        return {column.name for column in described.columns}
    for room in ("quality", "methods"):
        pages = YAML(typ="safe").load((ROOT / room / "marts.yaml").read_text("utf-8"))
        if mart in pages:
            return set(pages[mart]["columns"])
    return set()


def main() -> int:
    """Print the faults of one folder as JSON; the status says whether there is any."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="SITE/dashboards")
    found = faults(parser.parse_args().folder.absolute(), specification.read())
    print(json.dumps([vars(fault) for fault in found], ensure_ascii=False))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
