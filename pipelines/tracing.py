"""Walking back from published numbers, for the command and for the entry portal's pages."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lake import payloads, published
from lake.errors import LakeError
from lake.store import Lake
from pipelines.settings import Settings
from quality.lineage import delivered, emissions, footprint, node
from quality.lineage.place import Place

if TYPE_CHECKING:
    import polars as pl

    from ingestion.portal.number_pages import Delivered, Told
    from quality.evidence.fault import Reread


@contextmanager
def opened(settings: Settings) -> Iterator[Place]:
    """Open the published marts to walk back from them."""
    with published.opened(settings.marts_file) as marts:
        yield Place(Lake(settings.lake), marts)


def steps(settings: Settings) -> Mapping[str, Sequence[str]]:
    """Return what each step that makes marts reads: models by dbt's graph, Python's steps by the asset graph."""
    from lake import models
    from pipelines import definitions

    known = models.read(settings.dbt_project)
    found: dict[str, Sequence[str]] = {}
    for model in known.by_name.values():
        parents = [known.by_name[parent].key for parent in model.parents]
        found[model.key] = [*sorted(parents), *sorted(model.sources)]
    graph = definitions.defs.resolve_asset_graph()
    for key in graph.get_all_asset_keys():
        named = ".".join(key.path)
        if named not in found:
            found[named] = sorted(".".join(parent.path) for parent in graph.get(key).parent_keys)
    return found


def reread(settings: Settings, lake: Lake) -> "Reread":
    """Return how payloads of files are read again, which names the very row that was changed."""
    import polars as pl

    from ingestion.source import context_of
    from ingestion.sources import files
    from lake.site.load import read_site

    def again(table: str, batch: str) -> "pl.DataFrame | None":
        site = read_site(settings.site, settings.environment)
        spec = site.sources.get(table.removeprefix("raw/").removesuffix("__reading"))
        if site.settings.id != lake.site_id() or spec is None or spec.kind != "files":
            return None
        parts = files.again(context_of(site, spec), lake.payload(batch))
        return pl.concat([pl.DataFrame(part.readings) for part in parts])

    return again


@dataclass(frozen=True)
class Tracer:
    """Answers the portal's pages; every answer opens the marts anew, which a run may have replaced."""

    settings: Settings

    def line(self, lineage_id: str) -> "Told | None":
        """Return a line of carbon.emissions_monthly with what it rests on, without single readings."""
        from ingestion.portal.number_pages import Told

        with self._place() as place:
            row = place and _line(place, lineage_id)
            if not place or not row:
                return None
            tree = emissions.of_line(place, row, deep=False)
            return Told(row, tree, node.graph(tree))

    def contribution(self, lineage_id: str) -> "Told | None":
        """Return a line of footprint.contributions with what it rests on, without single readings."""
        from ingestion.portal.number_pages import Told

        with self._place() as place:
            if not place or footprint.CONTRIBUTIONS not in place.manifest.marts:
                return None
            found = place.rows(f"select * from {footprint.CONTRIBUTIONS} where lineage_id = $1", [lineage_id])
            if not found:
                return None
            tree = footprint.of_contribution(place, footprint.CONTRIBUTIONS, found[0] | {"period_kind": "year"})
            return Told(found[0], tree, node.graph(tree))

    def delivered(self, lineage_id: str, point_id: str, batch_id: str) -> "Delivered | None":
        """Return what a delivery brought of a point that the line rests on."""
        from ingestion.portal.number_pages import Delivered

        with self._place() as place:
            row = place and _line(place, lineage_id)
            found = delivered.of_line(place, lineage_id, point_id, batch_id) if place and row else None
            if not place or not row or found is None:
                return None
            file = _kept(place.lake, batch_id)
            said = _said(reread(self.settings, place.lake)(found.table, batch_id), point_id) if file else {}
            return Delivered(
                line=row,
                point=found.point,
                table=found.table,
                readings=[{**one, "said": said.get(one["position"])} for one in found.readings],
                file=str(file.relative_to(place.lake.root)) if file else None,
                is_unchanged=bool(file and payloads.digest_of(file) == batch_id),
                proofs=found.proofs,
            )

    @contextmanager
    def _place(self) -> Iterator[Place | None]:
        """Open what is published; None before the first publication, or while one takes its place."""
        if not self.settings.marts_file.is_file():
            yield None
            return
        with opened(self.settings) as place:
            yield place


def _line(place: Place, lineage_id: str) -> Mapping[str, Any] | None:
    found = place.rows(f"select * from {emissions.MART} where lineage_id = $1", [lineage_id])
    return found[0] if found else None


def _kept(lake: Lake, batch_id: str) -> Path | None:
    try:
        return lake.payload(batch_id)
    except LakeError:
        return None


def _said(again: "pl.DataFrame | None", point_id: str) -> Mapping[int, Any]:
    """Return the values of a point as the payload says them, by their place in it."""
    import polars as pl

    if again is None:
        return {}
    mine = again.filter(pl.col("point_id").cast(pl.String) == point_id)
    return dict(zip(mine["position"].to_list(), mine["value"].to_list(), strict=True))
