"""Raw readings: one asset for each source of the site; asking a source lands what is new in it."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace

import dagster as dg

from assets.work import LOG, Work
from ingestion.pull import CONNECTORS, pull
from lake.batch import Landed
from lake.site.load import SourceSpec

_SAY_EVERY_S = 5.0


def key(source: str) -> dg.AssetKey:
    """Return the asset key of a source's raw readings."""
    return dg.AssetKey(["raw", f"{source}__reading"])


def _label(kind: str) -> str:
    """Return a source's kind as the orchestrator shows it; a new one needs no entry here."""
    return "file" if kind == "files" else kind


def raw_assets(sources: Mapping[str, SourceSpec]) -> list[dg.AssetsDefinition | dg.AssetSpec]:
    """Return an asset for each source: asked by the run, or filled by the collector."""
    return [_asked(spec) if spec.kind in CONNECTORS else _collected(spec) for spec in sources.values()]


def _asked(spec: SourceSpec) -> dg.AssetsDefinition:
    answered = dg.AssetCheckSpec("source_answered", asset=key(spec.id), description="来源可访问 | The source answered")

    @dg.asset(
        key=key(spec.id),
        name=None,
        group_name="raw",
        kinds={"deltalake", _label(spec.kind)},
        owners=["team:energy"],
        deps=[dg.AssetKey(["ref", "site"])],
        check_specs=[answered],
        description=f"来源 {spec.id} 的原始读数，只追加 | Readings of source {spec.id} as received, append-only.",
    )
    def readings(work: dg.ResourceParam[Work]) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:  # type: ignore[type-arg]
        only_this = replace(work.site, sources={spec.id: spec_of(work, spec.id)})
        pulled = pull(work.lake, only_this, _Told(spec.id))
        if sum(one.is_new for one in pulled):
            LOG.info("%s: %s", spec.id, _words(pulled), extra={"source": spec.id})
        away = pulled.away.get(spec.id)
        if away:
            work.away[spec.id] = away
            LOG.warning("%s", away, extra={"source": spec.id})
        yield dg.MaterializeResult(metadata=_counts(pulled))
        yield dg.AssetCheckResult(
            passed=away is None, severity=dg.AssetCheckSeverity.WARN, metadata={"said": away or "ok"}
        )

    return readings


def _collected(spec: SourceSpec) -> dg.AssetSpec:
    return dg.AssetSpec(
        key(spec.id),
        group_name="raw",
        kinds={"deltalake", _label(spec.kind)},
        owners=["team:energy"],
        description=f"来源 {spec.id} 的原始读数，由采集器写入 | Readings of {spec.id}, written by the collector.",
    )


def spec_of(work: Work, source: str) -> SourceSpec:
    """Return the connection as the site folder says it now, with today's environment."""
    return work.site.sources[source]


class _Told:
    """Says every few seconds how far a long pull has come."""

    def __init__(self, source: str) -> None:
        self._source, self._rows, self._said = source, 0, time.monotonic()

    def __call__(self, landed: Landed) -> None:
        self._rows += landed.rows_landed
        if time.monotonic() - self._said > _SAY_EVERY_S:
            self._said = time.monotonic()
            told = (self._source, f"{self._rows:,}", landed.origin)
            LOG.info("%s: %s rows so far, %s", *told, extra={"source": self._source, "batch_id": landed.batch_id})


def _words(landed: list[Landed]) -> str:
    counts = _counts(landed)
    told = f"{counts['rows_landed']:,} rows landed from {counts['batches']} batches"
    return f"{told}, {counts['rows_refused']:,} refused" if counts["rows_refused"] else told


def _counts(landed: list[Landed]) -> dict[str, int]:
    return {
        "batches": len(landed),
        "rows_read": sum(one.rows_read for one in landed),
        "rows_landed": sum(one.rows_landed for one in landed),
        "rows_repeated": sum(one.rows_repeated for one in landed),
        "rows_refused": sum(one.rows_refused for one in landed),
    }
