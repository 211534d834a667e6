"""Writes every page that is made from something else; `--check` only says which ones differ.

    python -m scripts.pages [--check]

The .yml beside each mart's SQL (from lake/columns), docs/methods (from the clauses, the method tables and the golden
examples), the cards of the example packages, docs/site.md (from the rules of the site folder), the table of security
controls, the risk assessment and the list of doors (from docs/security), the page of graded data
(from lake/grades.yaml and the marts), the guide's functions (from docs/functions.yaml), the Chinese cookbook (from the
English one). None of them is edited by hand.
"""

import sys
from pathlib import Path
from types import ModuleType

from scripts import (
    columns_yml,
    cookbook_zh,
    data_grades,
    doors_page,
    function_map,
    method_cards,
    package_cards,
    security_pages,
    site_reference,
)

ROOT = Path(__file__).resolve().parents[1]
WRITERS: tuple[ModuleType, ...] = (
    columns_yml,
    cookbook_zh,
    data_grades,
    doors_page,
    function_map,
    method_cards,
    package_cards,
    security_pages,
    site_reference,
)


def differing(writer: ModuleType) -> list[Path]:
    """Return a writer's pages that are not what they should be, and those that nothing writes any more."""
    wanted: dict[Path, str] = writer.pages()
    wrong = [path for path, text in wanted.items() if not path.is_file() or path.read_text("utf-8") != text]
    return sorted(wrong + [path for path in writer.written() if path not in wanted])


def write(writer: ModuleType) -> int:
    """Write what differs and remove what nothing writes any more; return how many pages that were."""
    wanted, wrong = writer.pages(), differing(writer)
    for path in wrong:
        if path in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[path], encoding="utf-8")
        else:
            path.unlink()
    return len(wrong)


def main() -> int:
    """Write all pages, or with --check name those that differ."""
    if "--check" not in sys.argv[1:]:
        print(f"{sum(map(write, WRITERS))} pages changed")
        return 0
    wrong = [path for writer in WRITERS for path in differing(writer)]
    for path in wrong:
        print(f"{path.relative_to(ROOT)}: not current; run `make format`")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
