"""Writes the kinds of report that are documents: the published marts, the head of the evidence chain, one file."""

from exchange.reports import kinds
from exchange.reports.figures import Figures, root_organization
from exchange.reports.footprint_product import owner_of
from lake import published
from lake.store import Lake
from pipelines.reporting import Asked
from quality.evidence import chain


def write(asked: Asked) -> None:
    """Write a document; raises LakeError where nothing is published or the organization is not of the site."""
    lake = Lake(asked.settings.lake)
    heads = chain.heads(lake)
    evidence = chain.exported(heads[-1]) if heads else None
    with published.opened(asked.settings.marts_file) as marts:
        figures = Figures(lake, marts, "", asked.period, asked.language, evidence, asked.product)
        figures.organization_id = asked.organization or owner_of(figures) or root_organization(marts)
        document = kinds.document(asked.kind, figures)
    asked.output.write_bytes(kinds.written(document, asked.extension))
