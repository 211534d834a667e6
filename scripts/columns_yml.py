"""Writes the .yml beside every mart's SQL from lake/columns; `--check` only says which ones differ.

    python -m scripts.columns_yml [--check]

The files are never edited by hand: descriptions, units, clauses and readers of a column are said once, in lake/columns.
"""

import json
import sys
from pathlib import Path

from lake.vocabulary import Column, Mart, marts

PROJECT = Path(__file__).resolve().parent.parent
MARTS_DIR = PROJECT / "dbt_project" / "models" / "marts"
HEAD = "# Written by `python -m scripts.columns_yml` from lake/columns; edit there.\n"


def target(mart: Mart) -> Path:
    """Return where the page of a mart lies."""
    return MARTS_DIR / mart.schema / f"{mart.model}.yml"


def page(mart: Mart) -> str:
    """Return the dbt page of a mart."""
    meta: dict[str, object] = {"grain": list(mart.grain), "clause": list(mart.clauses), "bi": mart.bi}
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
    return {key: value for key, value in values.items() if value}


def _text(words: str) -> str:
    return json.dumps(words, ensure_ascii=False)


def differing() -> list[Path]:
    """Return the pages that are not what lake/columns says, and those of marts that it does not name."""
    wanted = {target(mart): page(mart) for mart in marts().values()}
    wrong = [path for path, text in wanted.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    strays = [path for path in MARTS_DIR.rglob("*.yml") if _is_ours(path) and path not in wanted]
    return sorted(wrong + strays)


def _is_ours(path: Path) -> bool:
    return path.read_text(encoding="utf-8").startswith(HEAD)


def main() -> int:
    """Write the pages, or with --check name those that differ."""
    wrong = differing()
    if "--check" in sys.argv[1:]:
        for path in wrong:
            print(f"{path.relative_to(PROJECT)}: not what lake/columns says; run scripts.columns_yml")
        return 1 if wrong else 0
    wanted = {target(mart): page(mart) for mart in marts().values()}
    for path in wrong:
        if path in wanted:
            path.write_text(wanted[path], encoding="utf-8")
        else:
            path.unlink()
    print(f"{len(wanted)} pages, {len(wrong)} changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
