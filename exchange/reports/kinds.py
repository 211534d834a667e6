"""The kinds of report, and the types of file that each can become."""

from collections.abc import Callable, Mapping

from exchange.reports import emission, energy, excel, footprint, park, pdf, word
from exchange.reports.document import Document
from exchange.reports.figures import Figures
from lake.errors import LakeError

_KINDS: Mapping[str, Callable[[Figures], Document]] = {
    "emission-report": emission.document,
    "energy-statement": energy.document,
    "footprint-report": footprint.document,
    "park-inventory": park.document,
}
_WRITERS: Mapping[str, Callable[[Document], bytes]] = {
    "docx": word.written,
    "pdf": pdf.written,
    "xlsx": excel.written,
}


def document(kind: str, figures: Figures) -> Document:
    """Return a report; raises LakeError where nothing is published of the period or the owner is not of the site."""
    owner = figures.organization["organization_id"]
    if kind != "footprint-report" and not figures.months:
        raise LakeError(f"nothing is published of {owner} in {figures.period.text}; the newest is {_newest(figures)}")
    return _KINDS[kind](figures)


def written(made: Document, extension: str) -> bytes:
    """Return a report as a file of the type."""
    return _WRITERS[extension](made)


def _newest(figures: Figures) -> str:
    query = "select max(month) as month from energy.comprehensive_monthly where organization_id = $organization"
    month = figures.rows(query)[0]["month"]
    return f"{month:%Y-%m}" if month else "nothing at all"
