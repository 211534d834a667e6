"""The method card of a package: formula, terms, clause, parameters, items and its tests, as a page."""

from collections.abc import Iterator
from typing import Any

from lake.own.package import Package

_SEEN = {"verified": "seen in a public document 见于公开文件", "recalled": "recalled, to be checked 凭记忆，须核对原文"}


def card(package: Package) -> str:
    """Return the page of a package whose tests have passed."""
    return "\n".join(_page(package)).rstrip("\n") + "\n"


def _page(package: Package) -> Iterator[str]:
    clause = package.clause
    yield f"# {package.en} {package.zh}\n"
    yield f"`{clause.key}` · version {package.version} · {package.vendor} · {_SEEN[clause.confidence]}\n"
    yield f"    {clause.equation}\n"
    yield f"Standard: {clause.standard}, {clause.edition}. Seen: {clause.locator}\n"
    yield from _table(["term", "meaning"], clause.terms.items())
    yield (
        "Accounts for 核算项目: " + ", ".join(f"`{item}` of `{guideline}`" for guideline, item in package.takes) + "\n"
    )
    yield from _table(
        ["item", "name", "unit"], [(one.item, f"{one.name_en} {one.name_zh}", one.unit) for one in package.items]
    )
    yield from _table(
        ["parameter", "value", "unit", "source", "confidence"],
        [(one.parameter, one.value, one.unit, one.source, one.confidence) for one in package.parameters],
    )
    yield "```sql\n" + package.sql + "\n```\n"
    rows = [(case["says"], _shown(case["activity"]), _shown(case["lines"])) for case in package.cases]
    yield from _table(["test", "given", "returns"], rows)
    yield f"All {len(package.cases)} tests passed 测试全部通过; digest `{package.digest}`."


def _table(head: list[str], rows: Any) -> Iterator[str]:  # noqa: ANN401 - pairs, triples, …
    listed = list(rows)
    if listed:
        yield "| " + " | ".join(head) + " |\n|" + "---|" * len(head)
        yield from (f"| {' | '.join(str(cell) for cell in row)} |" for row in listed)
        yield ""


def _shown(entries: list[dict[str, Any]]) -> str:
    return "; ".join(", ".join(f"{name} {value}" for name, value in entry.items()) for entry in entries)
