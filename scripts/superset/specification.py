"""Read the pages, charts, filters, datasets and colours that `dashboards/` describes.

Knows nothing of Superset: the drawing is in `drawings.py`, the placing in `layout.py`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

LANGUAGES = ("zh", "en")
DEVICES = ("desk", "wall", "phone")
FOLDER = Path(__file__).parents[2] / "dashboards"


class SpecificationError(ValueError):
    """A dashboard file says something that cannot be drawn; the message names file and key."""


@dataclass(frozen=True)
class Specification:
    """Everything `dashboards/` says, as plain mappings keyed by slug."""

    pages: dict[str, dict[str, Any]]
    charts: dict[str, dict[str, Any]]
    filters: dict[str, dict[str, Any]]
    datasets: dict[str, dict[str, Any]]
    palette: dict[str, Any]
    theme: dict[str, Any]


def read(folder: Path = FOLDER, own: Path | None = None) -> Specification:
    """Read the pages of the house and those that a site brings along (`SITE/dashboards`, see `own.py`).

    Every chart that a page places must exist, and each chart's mart be listed. What a site brings stands beside the
    house's and never in its place.
    """
    charts, loose = _pair(folder)
    pages = {stem: content for stem, content in loose.items() if "page" in content}
    more_charts, more_pages = _pair(own) if own else ({}, {})
    for mine, theirs in ((charts, more_charts), (pages, more_pages)):
        taken = sorted(set(mine) & set(theirs))
        if taken:
            raise SpecificationError(f"{own}: {', '.join(taken)} is there already; give it another name")
        mine.update(theirs)
    specification = Specification(pages, charts, loose["filters"], loose["datasets"], loose["palette"], loose["theme"])
    _check(specification)
    return specification


def say(text: str | dict[str, str], language: str) -> str:
    """Return one language of a text, and put the language into a column name such as `name_{lang}`."""
    chosen = text if isinstance(text, str) else text[language]
    return chosen.replace("{lang}", language)


def placed(page: dict[str, Any], device: str) -> list[str]:
    """List the charts of one device of a page, in reading order."""
    found: list[str] = []
    for row in page["devices"][device]["rows"]:
        for cell in row["charts"]:
            found += cell["stack"] if "stack" in cell else list(cell)
    return found


def columns(chart: dict[str, Any], language: str) -> set[str]:
    """List the mart columns that a chart reads in one language."""
    named = [say(value["column"], language) for value in measures(chart)]
    named += [say(column["column"], language) for column in chart.get("columns", [])]
    for condition in chart.get("where", []):
        named += condition.get("same") or [condition["column"]]
    if "series" in chart:
        named.append(say(chart["series"], language))
    named += [say(chart[part], language) for part in ("target", "node", "parent") if part in chart]
    if "x" in chart:
        named.append(say(chart["x"]["column"], language))
    return set(named)


def measures(chart: dict[str, Any]) -> list[dict[str, Any]]:
    """List the measured values of a chart, whatever it draws."""
    return [chart["value"]] if "value" in chart else chart.get("values", [])


def _pair(folder: Path) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    """Read a folder's charts and the files beside them, by name."""
    charts = {path.stem: _mapping(path) for path in sorted((folder / "charts").glob("*.yaml"))}
    return charts, {path.stem: _mapping(path) for path in sorted(folder.glob("*.yaml"))}


def _mapping(path: Path) -> dict[str, Any]:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise SpecificationError(f"{path.name}: a mapping is needed, found {type(content).__name__}")
    return content


def _check(specification: Specification) -> None:
    for slug, chart in specification.charts.items():
        if chart.get("dataset") not in specification.datasets:
            raise SpecificationError(f"charts/{slug}.yaml: dataset {chart.get('dataset')} is not in datasets.yaml")
        if set(chart.get("title", {})) != set(LANGUAGES):
            raise SpecificationError(f"charts/{slug}.yaml: title needs zh and en")
    for name, page in specification.pages.items():
        for device in page["devices"]:
            if device not in DEVICES:
                raise SpecificationError(f"{name}.yaml: device {device}; allowed are {', '.join(DEVICES)}")
            for slug in placed(page, device):
                if slug not in specification.charts:
                    raise SpecificationError(f"{name}.yaml: {device} places chart {slug}, which charts/ does not have")
