"""The data dictionary: every published mart with its columns, units, clauses, what it is made from and who reads it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from lake import described, models, vocabulary

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ROOT / "dbt_project"
GRAPH = ROOT / "tests/graph/asset_graph.txt"
_ROOMS = ("methods", "quality")
_WORDS = {
    "zh": {
        "title": "数据字典：{}",
        "head": "由列说明（`lake/columns`）、dbt 清单与资产图生成。数值列的单位即列名末尾；"
        "“沿袭”指明由什么算出、被什么使用。",
        "row": "一行由以下列确定",
        "made": "由其算出",
        "by": "经由",
        "from": "源表",
        "used": "被其使用",
        "shown": "显示于页面",
        "clauses": "条款",
        "column": "列",
        "meaning": "含义",
        "unit": "单位",
        "clause": "条款",
        "python": "由 Python 计算",
        "grade": "数据分级",
        "hidden": "敏感：",
        "unit_column": "见 {} 列",
    },
    "en": {
        "title": "Data dictionary: {}",
        "head": "Written from the descriptions of columns, dbt's manifest and the asset graph. The unit of a number is "
        "the end of its column's name; the lineage says what a mart is worked out from and what uses it.",
        "row": "One row for each",
        "made": "Made from",
        "by": "by way of",
        "from": "source tables",
        "used": "Used by",
        "shown": "Shown on pages",
        "clauses": "Clauses",
        "column": "column",
        "meaning": "meaning",
        "unit": "unit",
        "clause": "clause",
        "python": "worked out in Python",
        "grade": "Grade",
        "hidden": "sensitive: ",
        "unit_column": "as {} says",
    },
}


@dataclass(frozen=True)
class Told:
    """One mart as its readers are told; the columns are name, meaning by language, unit, unit's column, clause."""

    name: str
    says: Mapping[str, str]
    grain: tuple[str, ...]
    clauses: tuple[str, ...]
    columns: tuple[Mapping[str, Any], ...]
    facts: Mapping[str, Any]


def pages(language: str) -> dict[str, str]:
    """Return a page for each schema by its place on the site."""
    by_schema: dict[str, list[Told]] = defaultdict(list)
    for mart in every():
        by_schema[mart.name.split(".")[0]].append(mart)
    return {
        f"reference/marts/{schema}.md": "\n".join(_page(schema, told, language)) + "\n"
        for schema, told in sorted(by_schema.items())
    }


@cache
def every() -> tuple[Told, ...]:
    """Return every mart that is described, those of dbt and those of Python, by name."""
    raw = YAML(typ="safe").load((vocabulary.COLUMNS_DIR / "_marts.yaml").read_text(encoding="utf-8"))["marts"]
    found = [
        Told(
            mart.name,
            {"zh": mart.zh, "en": mart.en},
            mart.grain,
            mart.clauses,
            tuple(vars(column) for column in mart.columns),
            raw[mart.name],
        )
        for mart in vocabulary.marts().values()
    ]
    for room in _ROOMS:
        for name, spec in described.marts(ROOT / room / "marts.yaml").items():
            columns = tuple(_column(column, entry) for column, entry in spec["columns"].items())
            found.append(
                Told(name, {"zh": spec["zh"], "en": spec["en"]}, tuple(spec.get("grain", ())), (), columns, spec)
            )
    return tuple(sorted(found, key=lambda mart: mart.name))


def parents() -> dict[str, list[str]]:
    """Return the marts (and raw data) that each mart is made from, by the asset graph."""
    found = {}
    for line in GRAPH.read_text(encoding="utf-8").splitlines():
        name, _, above = line.partition(" <- ")
        found[name.replace("/", ".")] = [one.replace("/", ".") for one in above.split(", ") if one]
    return found


@cache
def shown() -> dict[str, list[dict[str, str]]]:
    """Return the names of the dashboards' pages on which a mart is drawn."""
    yaml, found = YAML(typ="safe"), defaultdict(list)
    drawn = {
        path.stem: yaml.load(path.read_text("utf-8"))["dataset"] for path in (ROOT / "dashboards/charts").glob("*.yaml")
    }
    for path in sorted((ROOT / "dashboards").glob("*.yaml")):
        page = yaml.load(path.read_text("utf-8"))
        if isinstance(page, dict) and "devices" in page:
            charts = {chart for chart in drawn if chart in set(_words(page["devices"]))}
            for mart in sorted({drawn[chart] for chart in charts}):
                found[mart].append(page["name"])
    return dict(found)


def _words(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield str(key)
            yield from _words(value)
    elif isinstance(node, list):
        for value in node:
            yield from _words(value)
    else:
        yield str(node)


def _column(name: str, entry: Mapping[str, Any]) -> Mapping[str, Any]:
    unit = entry.get("unit") or vocabulary.unit_of(name)
    return {"name": name, "unit_column": None, "clause": None, **entry, "unit": unit}


def _page(schema: str, told: list[Told], language: str) -> Iterator[str]:
    words = _WORDS[language]
    yield from [f"# {words['title'].format(schema)}", "", words["head"], ""]
    for mart in told:
        yield f"- [`{mart.name}`](#{_anchor(mart.name)}) {_cell(mart.says[language])}"
    for mart in told:
        yield from ["", f"## {mart.name.split('.')[1]}", "", f"**{mart.says[language]}** · `{mart.name}`", ""]
        yield from (f"- {line}" for line in _facts(mart, language, words))
        yield from [
            "",
            f"| {words['column']} | {words['meaning']} | {words['unit']} | {words['clause']} |",
            "|---|---|---|---|",
        ]
        for column in mart.columns:
            unit = column["unit"] or (
                words["unit_column"].format(f"`{column['unit_column']}`") if column["unit_column"] else ""
            )
            clause = _clause(column["clause"]) if column["clause"] else ""
            kind = column.get("sensitive")
            said = f" *({words['hidden']}{_grades()['kinds'][kind][language]})*" if kind else ""
            yield f"| `{column['name']}` | {_cell(column[language])}{said} | {unit} | {clause} |"


def _facts(mart: Told, language: str, words: Mapping[str, str]) -> Iterator[str]:
    above = parents()
    if mart.grain:
        yield f"{words['row']}: {', '.join(f'`{name}`' for name in mart.grain)}"
    yield f"{words['grade']}: [{_grades()['grades'][mart.facts['grade']][language]}](../../data_grades.md)"
    if mart.clauses:
        yield f"{words['clauses']}: {', '.join(_clause(key) for key in mart.clauses)}"
    made = [name for name in above.get(mart.name, []) if not name.startswith("raw.")]
    if made:
        yield f"{words['made']}: {', '.join(map(_linked, made))}"
    graph = models.read(PROJECT)
    model = graph.marts.get(mart.name)
    if model:
        between = sorted(graph.behind([model.name]) - {model.name})
        sources = sorted(graph.sources_behind(model.name))
        yield f"{words['by']}: {', '.join(f'`{name}`' for name in between) or '—'}; {words['from']}: " + (
            ", ".join(f"`{name}`" for name in sources) or "—"
        )
    else:
        yield words["python"]
    used = sorted(name for name, parts in above.items() if mart.name in parts)
    if used:
        yield f"{words['used']}: {', '.join(map(_linked, used))}"
    pages_of = [name[language] for name in shown().get(mart.name, ())]
    if pages_of:
        yield f"{words['shown']}: {', '.join(pages_of)}"


@cache
def _names() -> frozenset[str]:
    return frozenset(mart.name for mart in every())


def _linked(name: str) -> str:
    schema = name.split(".", maxsplit=1)[0]
    return f"[`{name}`]({schema}.md#{_anchor(name)})" if name in _names() else f"`{name}`"


def _anchor(name: str) -> str:
    return name.split(".")[1]


@cache
def _grades() -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load((ROOT / "lake/grades.yaml").read_text(encoding="utf-8"))
    return found


def _clause(key: str) -> str:
    return f"[`{key}`](../../methods/{key.partition('.')[0]}.md)"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|").replace("<", "&lt;")
