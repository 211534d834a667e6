"""docs/site.md: the reference of the site folder, from the pages that read and check it."""

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/site.md"
HEAD = """# The site folder 站点文件夹

A site is a folder of plain files. This page is written from `lake/site/files.yaml` and `lake/site/settings.yaml` by
`make format`; do not edit it by hand.

Needed to start: `site.yaml`, `organizations.csv`, `energy_units.csv`, `meters.csv`, `points.csv`, `sources.yaml`,
`allocations.csv`. Everything else is optional; an absent file is an empty table. Further columns are welcome and kept
as text. `valid_from` and `valid_to` are half open; empty means open. `${NAME}` and `${NAME:-default}` in a YAML file
are taken from the environment. Bold columns must be filled. A folder `dashboards/` holds pages of your own
beside those of Nengtan ([first_site.md](first_site.md)).
"""


def _rule(spec: dict[str, Any]) -> str:
    parts = [str(spec.get("type", "text"))]
    if "enum" in spec:
        parts.append(" / ".join(str(word) for word in spec["enum"]))
    for key, words in (("references", "in"), ("vocabulary", "a word of"), ("min", "≥"), ("max", "≤"), ("above", ">")):
        if key in spec:
            parts.append(f"{words} {spec[key]}")
    if "default" in spec:
        parts.append(f"default {spec['default']}")
    return "; ".join(parts)


def _table(columns: dict[str, dict[str, Any]]) -> list[str]:
    rows = ["| column | type and rule | 含义 | meaning |", "|---|---|---|---|"]
    for name, spec in columns.items():
        shown = f"**{name}**" if spec.get("required") else name
        rows.append(f"| {shown} | {_rule(spec)} | {spec.get('zh', '')} | {spec.get('en', '')} |".replace("|  |", "| |"))
    return rows


def page() -> str:
    """Return the whole page as Markdown."""
    yaml = YAML(typ="safe")
    files = yaml.load(ROOT / "lake/site/files.yaml")
    settings = yaml.load(ROOT / "lake/site/settings.yaml")
    lines = [HEAD, "## site.yaml", "", *_table(settings["site"]), ""]
    for name, spec in files.items():
        needed = ", needed to start" if spec.get("required") else ""
        if spec.get("row_by_row"):
            needed += ". A row with a fault is set aside with its reason, the rest is used"
        lines += [f"## {name}.csv", "", f"{spec['zh']} · {spec['en']}{needed}.", ""]
        lines += [*_table(spec["columns"]), ""] if "columns" in spec else ["Its columns come with the function.", ""]
    lines += ["## sources.yaml", "", "`sources:` maps an id to a connection; `kind` says which of these.", ""]
    for kind, keys in settings["source"].items():
        lines += [f"### kind: {kind}", "", *_table(keys), ""]
    lines += ["## uplinks.yaml", "", "`uplinks:` maps a name to a platform above; see [uplink.md](uplink.md).", ""]
    lines += [*_table(settings["uplink"]), ""]
    lines += ["## notices.yaml", "", "`channels:` maps a name to a way of telling; see [alerts.md](alerts.md).", ""]
    lines += [*_table(settings["notice"]), ""]
    lines += [
        "## dispatch.yaml",
        "",
        "The limits of the dispatch model; `*` is a name of one's own. A site without it gets no advice.",
        "",
    ]
    lines += [*_table(settings["dispatch"]), ""]
    return "\n".join(lines).rstrip() + "\n"


def pages() -> dict[Path, str]:
    """Return the page by its file."""
    return {PAGE: page()}


def written() -> list[Path]:
    """Return the page where it lies there."""
    return [PAGE] if PAGE.exists() else []
