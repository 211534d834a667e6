"""docs/methods: a page for each standard with a card for each clause.

A card holds the formula, its terms, where the clause was seen, which models use it, and the worked examples that the
golden tests compare with the product's own result; it rests on lake/clauses, factors/tables and tests/golden.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from lake.vocabulary import Clause, clauses
from tests.golden import examples as worked

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "docs/methods"
TABLES = ROOT / "factors/tables"
MODELS = ROOT / "dbt_project/models"
CITED = re.compile(r"Clause:\s*(.+)")
KEY = re.compile(r"[a-z0-9_]+\.[a-z0-9_]+")
HEAD = """<!-- Written by `make format` from lake/clauses, factors/tables, tests/golden. -->
"""
STATES = {"implemented": "implemented 已实现", "not_implemented": "not implemented 未实现"}
SEEN = {"verified": "seen in a public document 见于公开文件", "recalled": "recalled, to be checked 凭记忆，须核对原文"}


def pages() -> dict[Path, str]:
    """Return every page of docs/methods by its file."""
    cards = defaultdict(list)
    for key, clause in clauses().items():
        cards[key.split(".")[0]].append(clause)
    made = {PAGES / f"{name}.md": _page(group) for name, group in cards.items()}
    return made | {PAGES / "README.md": _index(cards)}


def written() -> list[Path]:
    """Return the pages that lie there."""
    return list(PAGES.glob("*.md"))


def _index(cards: dict[str, list[Clause]]) -> str:
    examples = _examples()
    lines = [
        HEAD,
        "# Method cards 方法卡片\n",
        "One card for each clause: formula, terms, where it was seen, who uses it, and worked examples from outside.",
        f"Each is compared with the product's own result at its printed digits. {worked.counted()} count: the number",
        "was read at the address given (the rows of one table are one). The others: in a copy that names no page.",
        "No official text was open when the clauses were written: `locator` says what was.\n",
        "| page | standard | clauses | implemented | examples |\n|---|---|---|---|---|",
    ]
    for name, group in sorted(cards.items()):
        done = sum(clause.status == "implemented" for clause in group)
        count = sum(len(examples[clause.key]) for clause in group)
        lines.append(f"| [{name}]({name}.md) | {group[0].standard} | {len(group)} | {done} | {count} |")
    lines += ["\n## What each guideline asks for 各指南的核算项目\n", *_guidelines()]
    return "\n".join(lines) + "\n"


def _guidelines() -> Iterator[str]:
    documents = {row["guideline"]: row for row in _rows("guidelines")}
    items = defaultdict(list)
    for row in _rows("guideline_items"):
        items[row["guideline"]].append(row)
    yield "| guideline | document | items with a method | items without a formula |\n|---|---|---|---|"
    for guideline, found in items.items():
        document = documents[guideline]
        done = "、".join(row["name_zh"] for row in found if row["method"])
        open_ = "、".join(row["name_zh"] for row in found if not row["method"])
        yield f"| `{guideline}` | {document['doc_no']} {document['name_zh']} | {done or '—'} | {open_ or '—'} |"


def _page(group: list[Clause]) -> str:
    first, used, examples = group[0], _used(), _examples()
    lines = [HEAD, f"# {first.standard}\n", f"Edition: {first.edition}\n"]
    for clause in group:
        lines += [
            f"## {clause.en} {clause.zh}\n",
            f"`{clause.key}` · {STATES[clause.status]} · {SEEN[clause.confidence]}\n",
        ]
        lines += [f"```text\n{clause.equation}\n```\n", f"Seen: {clause.locator}\n"]
        if clause.terms:
            lines += [
                "| term | meaning |\n|---|---|",
                *(f"| {name} | {words} |" for name, words in clause.terms.items()),
                "",
            ]
        lines += list(_formula(clause.key))
        if clause.key in used:
            lines.append("Used by: " + ", ".join(f"`{name}`" for name in used[clause.key]) + "\n")
        lines += list(_shown(examples[clause.key]))
    return "\n".join(lines).rstrip("\n") + "\n"


def _formula(key: str) -> Iterator[str]:
    """Yield the terms that the library holds for a method: sign, item, parameters."""
    parameters = defaultdict(list)
    for row in _rows("method_parameters"):
        value = row["property"] + (f" (default `{row['factor_id']}`)" if row["factor_id"] else "")
        value += f" (else {row['fixed']})" if row["fixed"] else ""
        parameters[row["term_id"]].append(f"(1 − {value})" if row["is_complement"] == "true" else value)
    terms = [row for row in _rows("method_terms") if row["clause"] == key]
    if not terms:
        return
    yield "| sign | item | side | parameters | ratio | gas |\n|---|---|---|---|---|---|"
    for row in terms:
        ratio = "1" if row["numerator"] == row["denominator"] else f"{row['numerator']}/{row['denominator']}"
        sign = "+" if row["sign"] == "1" else "−"
        product = " x ".join(parameters[row["term_id"]]) or "the mass itself"
        what = f"{row['item']} ({row['activity_unit']})"
        yield f"| {sign} | {what} | {row['side']} | {product} | {ratio} | {row['gas']} |"
    yield ""


def _shown(examples: list[dict[str, Any]]) -> Iterator[str]:
    if not examples:
        return
    yield "| example | says | printed | our result | where it was read |\n|---|---|---|---|---|"
    for entry in examples:
        source = worked.sources()[entry["source"]]
        where = f"[{source['what']}]({source['url']})" if "url" in source else f"{source['what']} (no address 无地址)"
        yield f"| `{entry['id']}` | {entry['says']} | {entry['printed']} | equal | {where}; {entry['at']} |"
    yield "\nThe result is compared in `tests/golden/test_worked_examples.py`; else it fails.\n"


@cache
def _used() -> dict[str, list[str]]:
    found = defaultdict(list)
    for path in sorted(MODELS.rglob("*.sql")):
        for line in CITED.findall(path.read_text(encoding="utf-8")):
            for key in KEY.findall(line):
                found[key].append(path.stem)
    return found


@cache
def _examples() -> defaultdict[str, list[dict[str, Any]]]:
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for entry in worked.every():
        found[entry["clause"]].append(entry)
    return found


@cache
def _rows(table: str) -> list[dict[str, str]]:
    with (TABLES / f"{table}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))
