"""Marts that Python makes and not a model: their step in the graph, described as the page of the marts says."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

import dagster as dg
import pyarrow as pa

from assets.work import Work
from lake import described

PAGE = Path(__file__).parents[1] / "methods" / "marts.yaml"


def keys(marts: Sequence[str]) -> tuple[dg.AssetKey, ...]:
    """Return the keys of marts that are named schema.table."""
    return tuple(dg.AssetKey(mart.split(".")) for mart in marts)


def step(  # noqa: PLR0913 -- what the graph shows of a step, by name
    name: str,
    marts: Sequence[str],
    make: Callable[[Work], Mapping[str, int]],
    *,
    parents: Sequence[str],
    owner: str,
    kinds: Sequence[str] = ("python", "deltalake"),
    pages: Mapping[str, Path] | None = None,
) -> dg.AssetsDefinition:
    """Return the step in which `make` writes the marts and counts their rows; `pages` describe those not on PAGE."""

    def spec(mart: str, key: dg.AssetKey) -> dg.AssetSpec:
        told = described.marts((pages or {}).get(mart, PAGE))[mart]
        return dg.AssetSpec(
            key,
            deps=keys(parents),
            group_name=mart.split(".", maxsplit=1)[0],
            kinds=set(kinds),
            owners=[owner],
            description=f"{told['zh']} | {told['en']}",
        )

    @dg.multi_asset(name=name, specs=list(map(spec, marts, keys(marts))), can_subset=False)
    def made(work: dg.ResourceParam[Work]) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        rows = make(work)
        for mart, key in zip(marts, keys(marts), strict=True):
            yield dg.MaterializeResult(asset_key=key, metadata={"rows": rows[mart]})

    return made


def written(
    work: Work,
    made: Mapping[str, pa.Table],
    *,
    pages: Mapping[str, Path] | None = None,
    inside: Collection[str] = (),
) -> dict[str, int]:
    """Add marts to the build and return their rows; `pages` as in `step`, those `inside` are not for dashboards."""
    assert work.build is not None, "the marts were built"
    for mart, table in made.items():
        schema, name = mart.split(".")
        page = (pages or {}).get(mart, PAGE)
        told = described.comments(page, mart)
        work.build.add_mart(schema, name, table, told, bi=mart not in inside, tags=described.tags(page, mart))
    return {mart: table.num_rows for mart, table in made.items()}
