"""The page of graded data, in both languages: each mart with its grade and what is sensitive in it."""

from collections.abc import Iterable
from pathlib import Path

from lake import described, grades, vocabulary

ROOT = Path(__file__).resolve().parents[1]
PAGES = {"en": ROOT / "docs/data_grades.md", "zh": ROOT / "docs/zh/data_grades.md"}
ROOMS = ("methods", "quality")
_DOORS = {
    "dashboards": {"zh": "看板（marts_bi.duckdb）", "en": "dashboards (marts_bi.duckdb)"},
    "tenants": {"zh": "租户文件（tenants/）", "en": "files of tenants (tenants/)"},
    "agents": {"zh": "智能体工具（--organization）", "en": "tools of agents (--organization)"},
}
_WORDS = {
    "en": {
        "lead": "# Graded data\n\n"
        "Every mart has a grade and every column that is sensitive says why; a mart without a grade does not pass the "
        "tests. The words follow GB/T 43697-2024 as it is recalled: nobody read the standard here. Which data of a "
        "plant are important or core is for the catalogue of its authority to say.\n\n"
        "A query of the published marts, a report, a pack, an answer to a customer or an agent is a line of the "
        "[audit trail](audit.md); what is hidden at a door is `***` there. Each file for readers tells it by itself: "
        "`select * from data_grades`.\n",
        "grades": "## Grades\n\n| grade | means | marts |\n|---|---|---|",
        "kinds": "## What is sensitive, and where it is hidden\n\n| kind | means | hidden at |\n|---|---|---|",
        "needs": "## What a door shows all the same\n\n| columns | door | because |\n|---|---|---|",
        "marts": "## Marts\n\n| mart | grade | sensitive columns |\n|---|---|---|",
        "open": "The operator's `marts.duckdb`, reports and verification packs hide nothing: who is responsible has to "
        "be named in them.",
    },
    "zh": {
        "lead": "# 数据分级\n\n"
        "每张表都有级别，敏感字段说明缘由；没有级别的表通不过测试。用词依 GB/T 43697-2024（凭记忆，此处无人核对原文）。"
        "工厂的哪些数据是重要数据或核心数据，由主管部门的目录认定。\n\n"
        "对已发布数据的查询、报告、核查包、对客户或智能体的应答，都在[审计记录](audit.md)中留有一行；"
        "某入口隐去的内容在该处为 `***`。每个读者文件自带说明：`select * from data_grades`。\n",
        "grades": "## 级别\n\n| 级别 | 含义 | 表数 |\n|---|---|---|",
        "kinds": "## 敏感类别与隐去之处\n\n| 类别 | 含义 | 隐去之处 |\n|---|---|---|",
        "needs": "## 仍然显示的字段\n\n| 字段 | 入口 | 理由 |\n|---|---|---|",
        "marts": "## 各表\n\n| 表 | 级别 | 敏感字段 |\n|---|---|---|",
        "open": "运营者的 `marts.duckdb`、报告与核查包不隐去任何内容：其中必须写明责任人。",
    },
}


def tagged() -> dict[str, tuple[str, dict[str, str]]]:
    """Return the grade and the kinds of sensitive columns of each mart, in the order of their names."""
    found: dict[str, tuple[str, dict[str, str]]] = {}
    for name, mart in vocabulary.marts().items():
        found[name] = (mart.grade, {column.name: column.sensitive for column in mart.columns if column.sensitive})
    for room in ROOMS:
        page = ROOT / room / "marts.yaml"
        for name in described.marts(page):
            tags = described.tags(page, name)
            found[name] = (tags["grade"], tags["sensitive"])
    return dict(sorted(found.items()))


def page(language: str) -> str:
    """Return the page in a language."""
    words, told, marts = _WORDS[language], grades.page(), tagged()
    lines = [words["lead"], words["grades"]]
    for grade, one in told["grades"].items():
        count = sum(mine == grade for mine, _ in marts.values())
        lines.append(f"| {one[language]} (`{grade}`) | {one['means'][language]} | {count} |")
    lines += ["", words["kinds"]]
    for kind, one in told["kinds"].items():
        doors = _listed(_DOORS[door][language] for door in one["hidden_at"])
        lines.append(f"| {one[language]} (`{kind}`) | {one['means'][language]} | {doors} |")
    lines += ["", words["open"], "", words["needs"]]
    for need in told["needs"]:
        named = _listed(f"`{column}`" for column in need["columns"])
        lines.append(f"| {named} | {_listed(_DOORS[door][language] for door in need['doors'])} | {need[language]} |")
    lines += ["", words["marts"]]
    for name, (grade, kinds) in marts.items():
        sensitive = _listed(f"`{column}` ({told['kinds'][kind][language]})" for column, kind in kinds.items())
        lines.append(f"| `{name}` | {told['grades'][grade][language]} | {sensitive} |")
    return "\n".join(lines) + "\n"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)


def pages() -> dict[Path, str]:
    """Return the page in each language by its file."""
    return {path: page(language) for language, path in PAGES.items()}


def written() -> list[Path]:
    """Return the pages that lie there."""
    return [path for path in PAGES.values() if path.exists()]
