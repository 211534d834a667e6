"""The table of security controls and the risk assessment, in both languages, from the files of docs/security.

A control says what GB/T 22239 asks, how that is done, in which files, and which tests hold it; a risk names the
controls that answer it, so that its tests are theirs. `faults` names every file and every test that is not there.
"""

import ast
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "docs/security"
DOCS = ROOT / "docs"
STATES = {"met": ("满足", "met"), "partly": ("部分满足", "partly"), "plant": ("由企业落实", "the plant's own")}
_CONTROL = {"id", "clause", "control", "how", "where", "tests", "state", "lacks"}
_RISK = {"id", "threat", "asset", "likelihood", "impact", "measures", "controls", "remains"}
_NEEDED = {"control": _CONTROL - {"lacks", "where", "tests"}, "risk": _RISK}


@cache
def _words(language: str) -> dict[str, str]:
    found: dict[str, str] = YAML(typ="safe").load(SOURCES / "words.yaml")[language]
    return found


@cache
def clauses() -> list[dict[str, str]]:
    """Return the clauses of the standard: `id`, `zh`, `en`."""
    found: list[dict[str, str]] = YAML(typ="safe").load(SOURCES / "clauses.yaml")["clauses"]
    return found


@cache
def controls() -> list[dict[str, Any]]:
    """Return the controls as they are written, file by file."""
    return [row for file in sorted((SOURCES / "controls").glob("*.yaml")) for row in YAML(typ="safe").load(file)]


@cache
def risks() -> list[dict[str, Any]]:
    """Return the risks as they are written."""
    found: list[dict[str, Any]] = YAML(typ="safe").load(SOURCES / "risks.yaml")["risks"]
    return found


def page_of_controls(language: str) -> str:
    """Return the table of controls as Markdown."""
    words, rows = _words(language), controls()
    lines = [words["controls"], words["summary"], "|---|---|---|---|"]
    for clause in clauses():
        counts = Counter(row["state"] for row in rows if str(row["clause"]) == clause["id"])
        named = f"{clause['id']} {clause[language]}"
        lines.append(f"| {named} | {' | '.join(str(counts[state]) for state in STATES)} |")
    counts = Counter(row["state"] for row in rows)
    lines += [f"| {words['total']} | {' | '.join(str(counts[state]) for state in STATES)} |", ""]
    for clause in clauses():
        lines += [f"## {clause['id']} {clause[language]}", ""]
        lines += [words["head"], "|---|---|---|---|"]
        lines += [_control(row, language) for row in rows if str(row["clause"]) == clause["id"]]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def page_of_risks(language: str) -> str:
    """Return the risk assessment as Markdown, the greatest risk first."""
    by_id = {row["id"]: row for row in controls()}
    lines = [_words(language)["risks"], _words(language)["risk_head"], "|---|---|---|---|---|---|---|---|"]
    for risk in sorted(risks(), key=lambda one: (-one["likelihood"] * one["impact"], one["id"])):
        tests = {test for name in risk["controls"] for test in by_id[name].get("tests") or ()}
        degree = f"{risk['likelihood']} × {risk['impact']} = {risk['likelihood'] * risk['impact']}"
        named = ", ".join(f"`{name}`" for name in risk["controls"])
        texts = (risk[part][language] for part in ("threat", "asset"))
        more = (risk["measures"][language], named, str(len(tests)), risk["remains"][language])
        lines.append(f"| `{risk['id']}` | {' | '.join(texts)} | {degree} | {' | '.join(more)} |")
    return "\n".join(lines) + "\n"


def _control(row: dict[str, Any], language: str) -> str:
    state = STATES[row["state"]][0 if language == "zh" else 1]
    how = row["how"][language]
    if row.get("lacks"):
        how += f"<br>*{_words(language)['plant' if row['state'] == 'plant' else 'lacks']}*: {row['lacks'][language]}"
    up = "../../" if language == "zh" else "../"
    places = [f"[{place}]({up}{place})" for place in row.get("where") or ()]
    tests = [f"`{Path(file).stem}::{name}`" for file, name in map(_split, row.get("tests") or ())]
    return (
        f"| {state}<br>`{row['id']}` | {row['control'][language]} | {how} | {'<br>'.join([*places, *tests]) or '–'} |"
    )


def _split(test: str) -> tuple[str, str]:
    file, _, name = test.partition("::")
    return file, name


def faults() -> list[str]:
    """Return what is wrong in either file: a word too many or too few, a file or a test that is not there."""
    rows, numbers = controls(), {clause["id"] for clause in clauses()}
    found = [f"{name}: stands twice" for name, count in Counter(row["id"] for row in rows).items() if count > 1]
    for row in rows:
        found += [f"{row['id']}: {fault}" for fault in _faults_of(row, "control")]
        found += [
            f"{row['id']}: {place} is not there" for place in row.get("where") or () if not (ROOT / place).exists()
        ]
        found += [f"{row['id']}: {fault}" for test in row.get("tests") or () for fault in faults_of_test(test)]
        if str(row["clause"]) not in numbers:
            found.append(f"{row['id']}: no clause {row['clause']}")
        if row["state"] not in STATES:
            found.append(f"{row['id']}: no state {row['state']}")
        if (row["state"] == "met") == bool(row.get("lacks")):
            found.append(f"{row['id']}: says what lacks where something does, and nowhere else")
        if row["state"] == "met" and not any(
            name in _quick(file) for file, name in map(_split, row.get("tests") or ())
        ):
            found.append(f"{row['id']}: is met, and no test of every day holds it")
    found += [f"{number}: no control" for number in sorted(numbers - {str(row["clause"]) for row in rows})]
    known = {row["id"] for row in rows}
    for risk in risks():
        found += [f"{risk['id']}: {fault}" for fault in _faults_of(risk, "risk")]
        found += [f"{risk['id']}: no control {name}" for name in risk["controls"] if name not in known]
        found += [f"{risk['id']}: {part} is 1 to 3" for part in ("likelihood", "impact") if risk[part] not in (1, 2, 3)]
    return found


def _faults_of(row: dict[str, Any], kind: str) -> list[str]:
    lacking, strange = _NEEDED[kind] - set(row), set(row) - (_CONTROL if kind == "control" else _RISK)
    said = [key for key, value in row.items() if isinstance(value, dict) and not (value.get("zh") and value.get("en"))]
    piped = [key for key, value in row.items() if isinstance(value, dict) and "|" in "".join(value.values())]
    return [
        *(f"{key} lacks" for key in sorted(lacking)),
        *(f"{key} is no word of this table" for key in sorted(strange)),
        *(f"{key} is not in both languages" for key in said),
        *(f"{key} holds a stroke, which ends a cell" for key in piped),
    ]


def faults_of_test(test: str) -> list[str]:
    """Return what is wrong with the name of a test, `file::name`: no such file, no such test."""
    file, name = _split(test)
    if not (file.startswith("tests/") and Path(file).name.startswith("test_") and (ROOT / file).is_file()):
        return [f"{file} is no file of tests"]
    return [] if name in _tests(file) else [f"{file} has no test {name!r}"]


@cache
def _tests(file: str) -> dict[str, bool]:
    """Return the tests that a file defines, and whether each is tried every day, not only as a long proof."""
    path = ROOT / file
    if not path.is_file():
        return {}
    tree = ast.parse(path.read_text("utf-8"))
    marks = [ast.unparse(node.value) for node in tree.body if isinstance(node, ast.Assign) and _names_marks(node)]
    is_long = any(mark in ("pytest.mark.soak",) or "pytest.mark.soak," in mark for mark in marks)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    return {
        node.name: not is_long and "pytest.mark.soak" not in map(ast.unparse, node.decorator_list) for node in functions
    }


def _names_marks(node: ast.Assign) -> bool:
    return any(isinstance(target, ast.Name) and target.id == "pytestmark" for target in node.targets)


def _quick(file: str) -> set[str]:
    return {name for name, is_quick in _tests(file).items() if is_quick}


def pages() -> dict[Path, str]:
    """Return both pages in both languages by their files."""
    places = {"en": DOCS, "zh": DOCS / "zh"}
    return {
        **{folder / "security_controls.md": page_of_controls(language) for language, folder in places.items()},
        **{folder / "risk_assessment.md": page_of_risks(language) for language, folder in places.items()},
    }


def written() -> list[Path]:
    """Return the pages that lie there."""
    return [path for path in pages() if path.is_file()]
