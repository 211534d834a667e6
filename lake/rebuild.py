"""Which marts a run rebuilds: whole where their rules changed, by day where readings did, not at all elsewhere.

A mart is a boundary: what is below it reads the published rows beside the new ones, so a change goes no further up than
the first mart that did not change.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lake.models import Model, Models

#: Sources that are not things of ref/: what was received, and what the run says of itself.
RECEIVED = "lake.reading"
CALENDAR = "meta.calendar_hour"
SHIFTS = "meta.shift_hour"
BATCHES = "lake.batch"
REFUSED = "quarantine.reading"
_OF_THE_RUN = ("meta.", "published.")
_NOT_THINGS = ("lake.", "quarantine.", *_OF_THE_RUN)


@dataclass(frozen=True)
class Change:
    """What is different from the last publication; of `rows` only those of points that are in the worklist."""

    models: frozenset[str] = frozenset()
    things: frozenset[str] = frozenset()
    rows: frozenset[str] = frozenset()
    readings: bool = False
    batches: bool = False
    refused: bool = False


@dataclass(frozen=True)
class Rebuild:
    """The marts to rebuild from nothing, those to rebuild by the worklist, and every model that has to run for it."""

    whole: frozenset[str] = frozenset()
    by_work: frozenset[str] = frozenset()
    models: tuple[str, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether every mart stays as it is."""
        return not self.whole and not self.by_work

    def needs_all(self, models: Models, *sources: str) -> bool:
        """Whether a mart that is rebuilt whole reads one of these sources."""
        whole = {models.marts[mart].name for mart in self.whole}
        return any(models.sources_behind(name, whole) & set(sources) for name in whole)


def everything(models: Models) -> Rebuild:
    """Return the rebuild of all marts from nothing."""
    return Rebuild(frozenset(models.marts), frozenset(), tuple(model.name for model in models.order))


def changed_models(models: Models, known: Mapping[str, str], values: Mapping[str, object]) -> frozenset[str]:
    """Return the models whose code, macros or variables differ from those of a publication."""
    return frozenset(
        name for name, model in models.by_name.items() if known.get(model.key) != model.fingerprint(values)
    )


def plan(models: Models, change: Change, published: Iterable[str]) -> Rebuild:
    """Return what has to be rebuilt after a change; a mart that is not published yet is built whole."""
    known = set(published)
    reasons: dict[str, str] = {}
    touched: set[str] = set()
    for model in models.order:
        why = _why_whole(model, change, reasons)
        if why is None and model.is_mart and model.mart not in known:
            why = "not published yet"
        if why is not None:
            reasons[model.name] = why
        elif _is_touched(model, change) or model.parents & touched:
            touched.add(model.name)
    whole = {model.name for model in models.marts.values() if model.name in reasons}
    by_work = {model.name for model in models.marts.values() if model.name in touched}
    running = models.behind([*whole, *by_work], whole)
    return Rebuild(
        whole=frozenset(models.by_name[name].mart for name in whole),
        by_work=frozenset(models.by_name[name].mart for name in by_work),
        models=tuple(model.name for model in models.order if model.name in running),
        reasons={models.by_name[name].mart: reasons[name] for name in sorted(whole)},
    )


def _why_whole(model: Model, change: Change, reasons: Mapping[str, str]) -> str | None:
    if model.name in change.models:
        return f"its code changed ({model.name})"
    things = sorted(_things(model) & change.things)
    if things:
        return f"ref/{', ref/'.join(things)} changed"
    return next((reasons[parent] for parent in sorted(model.parents) if parent in reasons), None)


def _is_touched(model: Model, change: Change) -> bool:
    of_readings = any(source == RECEIVED or source.startswith(_OF_THE_RUN) for source in model.sources)
    return (
        (change.readings and of_readings)
        or bool(_things(model) & change.rows)
        or (change.batches and BATCHES in model.sources)
        or (change.refused and REFUSED in model.sources)
    )


def _things(model: Model) -> set[str]:
    return {source.split(".")[1] for source in model.sources if not source.startswith(_NOT_THINGS)}
