"""docs/site.md in both languages: the reference of the site folder, from the pages that read and check it.

Each file is shown with the first rows of the reference park's, which is checked like any site.
"""

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[1]
PAGES = {"en": ROOT / "docs/site.md", "zh": ROOT / "docs/zh/site.md"}
EXAMPLE = ROOT / "examples/reference_park"
ROWS = 2
WORDS: dict[str, dict[str, str]] = YAML(typ="safe").load(Path(__file__).with_name("site_reference.yaml"))


def _rule(spec: dict[str, Any], words: dict[str, str]) -> str:
    parts = [words.get(str(spec.get("type", "text")), str(spec.get("type", "text")))]
    if "enum" in spec:
        parts.append(" / ".join(str(word) for word in spec["enum"]))
    for key in ("references", "vocabulary", "min", "max", "above"):
        if key in spec:
            parts.append(f"{words[key]} {spec[key]}")
    if "default" in spec:
        parts.append(f"{words['default']} {spec['default']}")
    return words["; "].join(parts)


def _table(columns: dict[str, dict[str, Any]], language: str) -> list[str]:
    words = WORDS[language]
    rows = [f"| {words['column']} | {words['rule']} | {words['meaning']} |", "|---|---|---|"]
    for name, spec in columns.items():
        shown = f"**{name}**" if spec.get("required") else name
        rows.append(f"| {shown} | {_rule(spec, words)} | {spec.get(language, '')} |".replace("|  |", "| |"))
    return rows


def _example(file: str) -> list[str]:
    """The header and the first rows of the reference park's file, if it has one."""
    path = EXAMPLE / file
    if not path.is_file():
        return []
    lines = path.read_text("utf-8-sig").splitlines()[: ROWS + 1]
    return ["```csv", *lines, "```", ""]


def page(language: str = "en") -> str:
    """Return the whole page as Markdown."""
    yaml, words = YAML(typ="safe"), WORDS[language]
    files = yaml.load(ROOT / "lake/site/files.yaml")
    settings = yaml.load(ROOT / "lake/site/settings.yaml")
    lines = [words["head"], "## site.yaml", "", *_table(settings["site"], language), ""]
    for name, spec in files.items():
        needed = words["needed"] if spec.get("required") else ""
        if spec.get("row_by_row"):
            needed += words["row_by_row"]
        lines += [f"## {name}.csv", "", f"{spec[language]}{needed}{words['.']}", ""]
        lines += [*_table(spec["columns"], language), ""] if "columns" in spec else [words["no_columns"], ""]
        lines += _example(f"{name}.csv")
    lines += ["## sources.yaml", "", words["sources"], ""]
    for kind, keys in settings["source"].items():
        lines += [f"### kind: {kind}", "", *_table(keys, language), ""]
    for file, part in (("uplinks.yaml", "uplink"), ("notices.yaml", "notice"), ("dispatch.yaml", "dispatch")):
        lines += [f"## {file}", "", words[part], "", *_table(settings[part], language), ""]
    return "\n".join(lines).rstrip() + "\n"


def pages() -> dict[Path, str]:
    """Return the page of each language by its file."""
    return {path: page(language) for language, path in PAGES.items()}


def written() -> list[Path]:
    """Return the pages that lie there."""
    return [path for path in PAGES.values() if path.exists()]
