"""The .yml beside every mart's SQL: what a column is, its unit, clause and readers are said once, in lake/columns."""

import json
from pathlib import Path

from lake.vocabulary import Column, Mart, marts

PROJECT = Path(__file__).resolve().parent.parent
MARTS_DIR = PROJECT / "dbt_project" / "models" / "marts"
HEAD = "# Written by `make format` from lake/columns; edit there.\n"


def target(mart: Mart) -> Path:
    """Return where the page of a mart lies."""
    return MARTS_DIR / mart.schema / f"{mart.model}.yml"


def page(mart: Mart) -> str:
    """Return the dbt page of a mart."""
    meta: dict[str, object] = {"grain": list(mart.grain), "clause": list(mart.clauses), "bi": mart.bi}
    meta["grade"] = mart.grade
    if mart.bi_days:
        meta["bi_days"] = mart.bi_days
    lines = [
        HEAD + "version: 2\nmodels:",
        f"  - name: {mart.model}",
        f"    description: {_text(f'{mart.zh} | {mart.en}')}",
        f"    config: {{meta: {json.dumps(meta)}}}",
        "    columns:",
    ]
    for column in mart.columns:
        lines += [f"      - name: {column.name}", f"        description: {_text(f'{column.zh} | {column.en}')}"]
        described = _meta(column)
        if described:
            lines.append(f"        config: {{meta: {json.dumps(described)}}}")
    return "\n".join(lines) + "\n"


def _meta(column: Column) -> dict[str, str]:
    values = {"unit": column.unit, "unit_column": column.unit_column, "clause": column.clause}
    values["sensitive"] = column.sensitive
    return {key: value for key, value in values.items() if value}


def _text(words: str) -> str:
    return json.dumps(words, ensure_ascii=False)


def pages() -> dict[Path, str]:
    """Return the page of every mart by its file."""
    return {target(mart): page(mart) for mart in marts().values()}


def written() -> list[Path]:
    """Return the pages that lie there, also those of marts that lake/columns does not name."""
    return [path for path in MARTS_DIR.rglob("*.yml") if path.read_text(encoding="utf-8").startswith(HEAD)]
