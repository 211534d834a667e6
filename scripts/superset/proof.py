"""Ask every chart's question in process, without a server: each must be answered, and not with silence."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts.superset.facts import Facts
from scripts.superset.generate import identifier
from scripts.superset.specification import LANGUAGES, Specification

if TYPE_CHECKING:
    from superset.models.slice import Slice


@dataclass(frozen=True)
class Answer:
    """What one chart got."""

    chart: str
    rows: int
    fault: str | None


def ask(specification: Specification, facts: Facts) -> list[Answer]:
    """Query every chart in every language; a chart that may be empty needs an answer, the others need rows."""
    from superset import db
    from superset.models.slice import Slice

    answers: list[Answer] = []
    for slug, chart in specification.charts.items():
        if not facts.can_draw(chart):
            continue
        for language in LANGUAGES:
            name = f"{slug}-{language}"
            slice_ = db.session.query(Slice).filter_by(uuid=identifier(f"chart/{slug}/{language}")).one_or_none()
            if slice_ is None:
                answers.append(Answer(name, 0, "was not imported"))
                continue
            rows, fault = _run(slice_)
            if fault is None and rows == 0 and not chart.get("may_be_empty", False):
                fault = f"{chart['dataset']} gave no row"
            answers.append(Answer(name, rows, fault))
    return answers


def _run(slice_: "Slice") -> tuple[int, str | None]:
    from superset.charts.schemas import ChartDataQueryContextSchema
    from superset.commands.chart.data.get_data_command import ChartDataCommand
    from superset.commands.chart.exceptions import ChartDataQueryFailedError
    from superset.utils import json

    context = ChartDataQueryContextSchema().load(json.loads(slice_.query_context))
    try:
        results = ChartDataCommand(context).run()["queries"]
    except ChartDataQueryFailedError as cause:
        return 0, str(cause)
    fault = next((result["error"] for result in results if result.get("error")), None)
    return sum(len(result.get("data") or []) for result in results), fault
