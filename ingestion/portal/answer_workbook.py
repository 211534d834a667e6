"""The questionnaire as a workbook: one question a line, its answer beside it; wrong answers come back marked."""

from collections.abc import Mapping

from ingestion.portal import questionnaire, workbook
from ingestion.portal.kinds import Kind
from ingestion.portal.refusal import Refusal
from ingestion.portal.workbook import Filled
from lake.site.declared import ColumnSpec, FileSpec
from lake.site.fault import Fault

_MIDNIGHT = "T00:00:00"
_ANSWER = "answer"
_COLUMNS = (
    ColumnSpec("question", "text", required=True, zh="问题编码（请勿改动）", en="Question (leave as it is)"),
    ColumnSpec("what", "text", zh="问题", en="What is asked"),
    ColumnSpec(_ANSWER, "text", required=True, zh="答复（请填此列）", en="Your answer: fill in this column"),
    ColumnSpec("allowed", "text", zh="可填内容", en="What may stand here"),
)
KIND = Kind(
    "questionnaire",
    "供应商问卷",
    "Questionnaire",
    FileSpec("questionnaire", "供应商问卷", "Questionnaire", {column.name: column for column in _COLUMNS}),
    is_monthly=False,
)


def template(said: Mapping[str, str], language: str) -> bytes:
    """Return the questionnaire with what was said so far."""
    rows = [
        {
            "question": column.name,
            "what": column.zh if language == "zh" else column.en,
            _ANSWER: said.get(column.name, ""),
            "allowed": allowed(column, language),
        }
        for part in questionnaire.parts()
        for column in part.columns
    ]
    return workbook.template(KIND, list(_COLUMNS), rows, {}, language)


def allowed(column: ColumnSpec, language: str) -> str:
    """Return what may stand in the answer to a question."""
    if column.enum:
        return " / ".join(column.enum)
    if column.vocabulary == "unit":
        return "t / kg / kWh / m3_20c / count …"
    if column.type == "date":
        return "2025-01-31"
    if column.type == "decimal":
        return "数字" if language == "zh" else "a number"
    return ""


def read(content: bytes) -> tuple[dict[str, str], Filled, list[Fault]]:
    """Return what a filled workbook says, its lines, and answers that are formulas.

    Raises Refusal where it is no workbook of ours.
    """
    filled = workbook.read(content, KIND)
    known, said = questionnaire.spec().columns, dict[str, str]()
    for row in filled.rows:
        if row["question"] in known and row[_ANSWER]:
            said[row["question"]] = row[_ANSWER].removesuffix(_MIDNIGHT)
    if not any(row["question"] in known for row in filled.rows):
        raise Refusal("workbook_columns", 422, columns="question, answer")
    return said, filled, [fault for fault in filled.formulas if fault.column == _ANSWER]


def placed(faults: Mapping[str, str], filled: Filled) -> list[Fault]:
    """Return faults of questions at the lines that ask them; those of questions that are not there at the first."""
    lines = {row["question"]: line for line, row in zip(filled.lines, filled.rows, strict=True)}
    return [Fault(KIND.spec.file, lines.get(name, 1), _ANSWER, message) for name, message in faults.items()]


def marked(content: bytes, filled: Filled, faults: list[Fault], said: Mapping[str, str]) -> bytes:
    """Return the workbook with a comment at each wrong answer; `said` puts a fault into the reader's words."""
    return workbook.marked(content, KIND, filled, faults, said)
