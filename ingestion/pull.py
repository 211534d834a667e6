"""Asking every source that is asked (files, SQL, REST) and landing what is new."""

from collections.abc import Callable, Mapping

from ingestion.source import PullSource, context_of, memory_of
from ingestion.sources import files, rest, sql
from lake.batch import Landed
from lake.errors import SourceAwayError, SourceShapeError
from lake.site.load import Site, SourceSpec
from lake.store import Lake

CONNECTORS: Mapping[str, PullSource] = {"files": files.read, "sql": sql.read, "rest": rest.read}
Progress = Callable[[Landed], None]


class Pulled(list[Landed]):
    """What landed; `away` says for each source that could not be read why, in one sentence."""

    def __init__(self) -> None:
        """Start with nothing landed and nothing away."""
        super().__init__()
        self.away: dict[str, str] = {}


def pull(lake: Lake, site: Site, progress: Progress | None = None) -> Pulled:
    """Land what is new from each source; one that is away does not keep the others from landing."""
    pulled = Pulled()
    for spec in site.sources.values():
        if spec.kind in CONNECTORS:
            try:
                _pull_one(lake, site, spec, pulled, progress)
            except (SourceAwayError, SourceShapeError) as trouble:
                pulled.away[spec.id] = str(trouble)
    return pulled


def _pull_one(lake: Lake, site: Site, spec: SourceSpec, pulled: Pulled, progress: Progress | None) -> None:
    """Land one source's batches in their order; a batch that held nothing new is not news."""
    with lake.writing(spec.id):
        memory = memory_of(lake.batches(spec.id))
        for batch in CONNECTORS[spec.kind](context_of(site, spec), memory, lake.keep):
            landed = lake.land(batch)
            if landed.batch_id:
                pulled.append(landed)
                if progress:
                    progress(landed)
