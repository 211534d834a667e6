"""Ask every chart's question in process, without a server: each must be answered."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts.superset.facts import Facts
from scripts.superset.generate import identifier
from scripts.superset.specification import Specification

if TYPE_CHECKING:
    from superset.models.slice import Slice


@dataclass(frozen=True)
class Answer:
    """What one chart got."""

    chart: str
    rows: int
    fault: str | None
    may_be_empty: bool


def ask(specification: Specification, facts: Facts) -> list[Answer]:
    """Query every chart once: its twin differs in words only, and `Facts.can_draw` has seen the columns of both."""
    from superset import db
    from superset.models.slice import Slice

    answers: list[Answer] = []
    for slug, chart in specification.charts.items():
        if facts.can_draw(chart):
            slice_ = db.session.query(Slice).filter_by(uuid=identifier(f"chart/{slug}/zh")).one_or_none()
            rows, fault = (0, "was not imported") if slice_ is None else _run(slice_)
            answers.append(Answer(slug, rows, fault, chart.get("may_be_empty", False)))
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
