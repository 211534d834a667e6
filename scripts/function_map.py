"""docs/functions.md in both languages: what the ministry's guide asks for and where it is (docs/functions.yaml)."""

from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from lake import vocabulary

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "docs/functions.yaml"
PAGES = {"en": ROOT / "docs/functions.md", "zh": ROOT / "docs/zh/functions.md"}
HEADS = {
    "en": """# The guide's functions, and where they are

The ministry's guide for digital energy and carbon management centres (工信厅节〔2025〕13号, 7 March 2025) names twelve
functions, a system of six layers, four ways of acquiring data and four models. This page says for each which published
tables (marts), which pages of the dashboards and which code it is. It is written from `docs/functions.yaml` by
`make format`; a test holds every name against the tree, and every mart and page against this one. The guide's own text
was read in public copies.
""",
    "zh": """# 指南要求的功能在哪里

《工业企业和园区数字化能碳管理中心建设指南》（工信厅节〔2025〕13号，2025年3月7日）提出十二项业务功能、
六层系统架构、四种数据采集方式和四类模型组件。本页说明每一项对应哪些已发布的数据表（集市）、哪些看板页面、哪些代码。
本页由 `make format` 根据 `docs/functions.yaml` 生成；测试核对每一个名称确实存在，
也核对每个集市和页面都列在这里。指南原文取自公开转载。
""",
}
WORDS = {
    "en": {
        "functions": "The twelve functions",
        "layers": "The six layers",
        "acquisition": "Four ways of acquiring data",
        "models": "Four models",
        "marts": "Marts",
        "pages": "Pages",
        "code": "Code",
        "docs": "Documents",
        "function": "function",
        "layer": "layer",
        "way": "way",
        "model": "model",
        "is": "here it is",
    },
    "zh": {
        "functions": "十二项功能",
        "layers": "六层架构",
        "acquisition": "四种采集方式",
        "models": "四类模型",
        "marts": "集市",
        "pages": "看板页面",
        "code": "代码",
        "docs": "文档",
        "function": "功能",
        "layer": "层",
        "way": "方式",
        "model": "模型",
        "is": "在这里是",
    },
}


@cache
def content() -> dict[str, list[dict[str, Any]]]:
    """Return what the file says: functions, layers, acquisition, models."""
    found: dict[str, list[dict[str, Any]]] = YAML(typ="safe").load(SOURCE)
    return found


@cache
def marts() -> dict[str, dict[str, str]]:
    """Return every mart with what one is in both languages, whichever room makes it."""
    found = {name: {"zh": mart.zh, "en": mart.en} for name, mart in vocabulary.marts().items()}
    for room in ("quality", "methods"):
        made = YAML(typ="safe").load(ROOT / room / "marts.yaml")
        found |= {name: {"zh": entry["zh"], "en": entry["en"]} for name, entry in made.items()}
    return found


@cache
def screens() -> dict[str, dict[str, str]]:
    """Return every page of the dashboards with its question in both languages."""
    found = {}
    for path in sorted((ROOT / "dashboards").glob("*.yaml")):
        page = YAML(typ="safe").load(path)
        if "page" in page:
            found[str(page["page"])] = page["title"]
    return found


def pages() -> dict[Path, str]:
    """Return the two pages as Markdown."""
    return {path: _page(language) for language, path in PAGES.items()}


def written() -> list[Path]:
    """Return the pages that are there."""
    return [path for path in PAGES.values() if path.is_file()]


def _page(language: str) -> str:
    words = WORDS[language]
    lines = [HEADS[language], f"## {words['functions']}", ""]
    for number, function in enumerate(content()["functions"], start=1):
        twelve = f"{number}. " if number <= 12 else ""
        lines += [f"### {twelve}{function['name'][language]}", "", _sentence(function["asks"][language], language), ""]
        colon = "：" if language == "zh" else ":"
        lines += [
            f"- {words['marts']}{colon}",
            *(f"    - `{mart}` {marts()[mart][language]}" for mart in function["marts"]),
        ]
        lines += [f"- {words['pages']}{colon}", *(f"    - {screens()[page][language]}" for page in function["pages"])]
        lines += [
            f"- {words['code']}{colon} {_code(function)}",
            f"- {words['docs']}{colon} {_docs(function, language)}",
            "",
        ]
    lines += [f"## {words['layers']}", "", f"| {words['layer']} | {words['is']} | {words['code']} | {words['docs']} |"]
    lines += ["|---|---|---|---|"]
    for layer in content()["layers"]:
        cells = (layer["name"][language], layer["is"][language], _code(layer), _docs(layer, language))
        lines.append(f"| {' | '.join(cells)} |")
    lines += [
        "",
        f"## {words['acquisition']}",
        "",
        f"| {words['way']} | {words['code']} | {words['docs']} |",
        "|---|---|---|",
    ]
    for way in content()["acquisition"]:
        lines.append(f"| {way['name'][language]} | {_code(way)} | {_docs(way, language)} |")
    lines += [
        "",
        f"## {words['models']}",
        "",
        f"| {words['model']} | {words['marts']} | {words['code']} |",
        "|---|---|---|",
    ]
    for model in content()["models"]:
        lines.append(f"| {model['name'][language]} | {_ticked(model['marts'])} | {_code(model)} |")
    return "\n".join(lines) + "\n"


def _sentence(text: str, language: str) -> str:
    return f"{text[0].upper()}{text[1:]}{'。' if language == 'zh' else '.'}"


def _ticked(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _code(entry: dict[str, Any]) -> str:
    return _ticked([f"{name}/" if (ROOT / name).is_dir() else name for name in entry["code"]])


def _docs(entry: dict[str, Any], language: str) -> str:
    """Link to each document: in the reader's language where there is one."""
    links = []
    for name in entry["docs"]:
        is_here = language == "en" or (ROOT / "docs/zh" / name).is_file()
        links.append(f"[{name.rpartition('/')[2]}]({name if is_here else f'../{name}'})")
    return ", ".join(links)
