"""Reports as PDF, set by Typst with the fonts that come with us: no network, no font and no library of the system."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from exchange.reports.document import (
    LINE,
    WIDE_LINE,
    Block,
    Chart,
    Diagram,
    Document,
    Heading,
    Lines,
    Section,
    Table,
    Text,
)

_TEMPLATE = Path(__file__).with_name("report.typ")


def written(document: Document) -> bytes:
    """Return the report as PDF/A-2b; the same document gives the same bytes."""
    return _compiled({"document": _as_json(document)}, document.made_at, format="pdf", pdf_standards=["a-2b"])


def drawn(document: Document, picture: Chart | Diagram) -> bytes:
    """Return a picture without its caption (PNG, 200 dots an inch), for writers that cannot draw one."""
    shown = _chart(picture) if isinstance(picture, Chart) else _diagram(picture)
    told = {"document": _as_json(document), "picture": json.dumps(shown | {"caption": ""}, ensure_ascii=False)}
    return _compiled(told, document.made_at, format="png", ppi=200.0)


def _compiled(inputs: Mapping[str, str], made_at: str, **how: Any) -> bytes:  # noqa: ANN401 - what the compiler takes
    import pylopdf_fonts_zh_cn as fonts
    import typst

    made: bytes = typst.compile(
        str(_TEMPLATE),
        font_paths=[str(fonts.sans_path().parent)],
        ignore_system_fonts=True,
        sys_inputs=dict(inputs),
        timestamp=datetime.fromisoformat(made_at),
        **how,
    )
    return made


def _as_json(document: Document) -> str:
    told = {
        "title": document.title,
        "subtitle": document.subtitle,
        "language": document.language,
        "owner": document.owner,
        "mark": document.mark,
        "contents": "目录" if document.language == "zh" else "Contents",
        "facts": document.facts,
        "remarks": document.remarks,
        "sections": [_section(section) for section in document.sections],
    }
    return json.dumps(told, ensure_ascii=False)


def _section(section: Section) -> dict[str, Any]:
    line = WIDE_LINE if section.is_wide else LINE
    blocks = [_block(block, line) for block in section.blocks]
    return {"title": section.title, "is_wide": section.is_wide, "blocks": blocks}


def _block(block: Block, line: float) -> dict[str, Any]:
    match block:
        case Table():
            return _table(block, line)
        case Chart():
            return _chart(block)
        case Diagram():
            return _diagram(block)
        case Heading():
            return {"kind": "heading", "text": block.text}
        case Lines():
            return {"kind": "lines", "text": block.text}
        case Text():
            return {"kind": "note" if block.is_note else "text", "text": block.text}


def _table(table: Table, line: float) -> dict[str, Any]:
    return {
        "kind": "table",
        "caption": table.caption,
        "columns": [
            {"title": column.title, "unit": column.unit, "is_number": column.is_number} for column in table.columns
        ],
        "rows": [*table.texts()],
        "widths": table.widths(line),
        "strong": sorted(table.strong),
        "notes": table.notes,
        "is_form": table.is_form,
        "is_kept": table.is_kept,
    }


def _chart(chart: Chart) -> dict[str, Any]:
    series = [{"name": one.name, "values": [float(value or 0) for value in one.values]} for one in chart.series]
    return {"kind": "chart", "caption": chart.caption, "unit": chart.unit, "labels": chart.labels, "series": series}


def _diagram(diagram: Diagram) -> dict[str, Any]:
    stages = [{"title": one.title, "boxes": one.boxes, "is_inside": one.is_inside} for one in diagram.stages]
    return {"kind": "diagram", "caption": diagram.caption, "boundary": diagram.boundary, "stages": stages}
