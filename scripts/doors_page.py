"""docs/doors.md in both languages: every door to the lake, whose rows it gives, and the tests that attack it.

Doors stand in docs/security/doors.yaml, the rule of whose a row is in lake/tenancy.yaml. `faults` says what is wrong
with the file by itself; that it names every door there is, a test holds against the code.
"""

from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from lake import tenancy
from scripts import security_pages

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "docs/security/doors.yaml"
PAGES = {"en": ROOT / "docs/doors.md", "zh": ROOT / "docs/zh/doors.md"}
ROWS = {
    "none": ("不给任何数据", "no data"),
    "own": ("本单位及其下级的行", "rows of one's own entity and of those below it"),
    "granted": ("被明确授予的内容", "what was granted by name"),
    "everybody": ("公共参考数据", "reference data that is everybody's"),
    "site": ("整个站点（仅限运行者）", "the whole site (the operator alone)"),
}
_NEEDED = {"id", "title", "how", "outside", "tests", "doors"}
_SAID: dict[str, dict[str, str]] = {
    "en": {
        "head": """# Doors

A door is a way by which somebody outside gets at what is in the lake. This list is held against the code by a test
(`tests/graph/test_doors.py`): an address of the portal or of the exchange host, a tool for agents, a command, a kind of
report or a mart that is not named here fails the build. Each door has tests that try it with the key of another
entity: no rows, no counts, no names.
""",
        "rule": """## Whose a row is

One rule serves the entities' own files, the agents and the dashboards (`lake/tenancy.py`): a mart that says whose a row
is (`organization_id`) gives an entity its own rows and those of the entities below it. These marts are otherwise:
""",
        "partners": """## What both ends of a delivery see

Two entities that deliver to each other know each other, as an invoice does. These columns name the other end of one's
own delivery, and nothing of it but what was delivered:
""",
        "columns": "| columns | why |",
        "marts": "| mart | an entity sees | why |",
        "doors": "| whose rows | doors |",
        "how": "How",
        "outside": "Ways out",
        "tests": "Tests",
        "everybody": "the rows of no entity, and its own",
        "nobody": "nothing",
    },
    "zh": {
        "head": """# 数据出口清单

数据出口是外部取得数据湖内容的途径。测试（`tests/graph/test_doors.py`）核对本清单与代码一致：
门户或交换主机的地址、智能体工具、命令、报告种类或集市若未列入，构建即失败。
每个出口都有测试以其他单位的身份尝试：零行、零计数、零名称。
""",
        "rule": """## 一行数据属于谁

单位自有文件、智能体与看板共用一条规则（`lake/tenancy.py`）：
带有 `organization_id` 的集市，单位只见本单位及其下级的行。例外如下：
""",
        "partners": """## 交付双方都能看到的内容

互相供能的两个单位彼此知晓，正如发票所示。下列列名说明本单位交付的另一端，除交付量外不含其任何内容：
""",
        "columns": "| 列 | 原因 |",
        "marts": "| 集市 | 单位可见 | 原因 |",
        "doors": "| 谁的行 | 出口 |",
        "how": "方式",
        "outside": "越出的途径",
        "tests": "测试",
        "everybody": "不属于任何单位的行，以及本单位的行",
        "nobody": "无",
    },
}


@cache
def doors() -> list[dict[str, Any]]:
    """Return the kinds of door as they are written."""
    found: list[dict[str, Any]] = YAML(typ="safe").load(SOURCE)
    return found


def names(kind: str) -> list[str]:
    """Return the doors of one kind, by name."""
    return [name for one in doors() if one["id"] == kind for group in one["doors"] for name in group["names"]]


def page(language: str) -> str:
    """Return the page in a language."""
    said, place = _SAID[language], 0 if language == "zh" else 1
    lines = [said["head"], said["rule"], said["marts"], "|---|---|---|"]
    for mart, (rows, *why) in tenancy.reasons().items():
        lines.append(f"| `{mart}` | {said[rows]} | {why[place]} |")
    lines += ["", said["partners"], said["columns"], "|---|---|"]
    for mart, (columns, *why) in tenancy.partners().items():
        lines.append(f"| {', '.join(f'`{mart}.{column}`' for column in columns)} | {why[place]} |")
    for door in doors():
        lines += ["", f"## {door['title'][language]}", ""]
        lines += [f"- {said['how']}: {door['how'][language]}", f"- {said['outside']}: {door['outside'][language]}"]
        lines += ["", said["doors"], "|---|---|"]
        for group in door["doors"]:
            lines.append(f"| {ROWS[group['rows']][place]} | {'<br>'.join(f'`{name}`' for name in group['names'])} |")
        tests = ", ".join(
            f"`{Path(file).stem}::{name}`" for file, _, name in (t.partition("::") for t in door["tests"])
        )
        lines += ["", f"{said['tests']}: {tests}"]
    return "\n".join(lines) + "\n"


def faults() -> list[str]:
    """Return what is wrong with the file: words that lack, a test that is not there, a door that stands twice."""
    found = []
    for door in doors():
        lacking = _NEEDED - {key for key, value in door.items() if value or key == "doors"}
        found += [f"{door['id']}: {key} lacks" for key in sorted(lacking)]
        found += [f"{door['id']}: {fault}" for test in door["tests"] for fault in security_pages.faults_of_test(test)]
        found += [f"{door['id']}: no rows {g['rows']}" for g in door["doors"] if g["rows"] not in ROWS]
        named = names(door["id"])
        found += [f"{door['id']}: {name} stands twice" for name in sorted({n for n in named if named.count(n) > 1})]
    return found


def pages() -> dict[Path, str]:
    """Return the page in both languages by its files."""
    return {path: page(language) for language, path in PAGES.items()}


def written() -> list[Path]:
    """Return the pages that lie there."""
    return [path for path in PAGES.values() if path.is_file()]
