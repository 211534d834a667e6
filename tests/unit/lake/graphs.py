"""A small graph of models as dbt's manifest tells it, for tests."""

from collections.abc import Mapping
from typing import Any

from lake.models import Models, from_manifest

MARTS = {"energy.intervals", "energy.daily", "carbon.emissions", "reference.points"}
_MACROS = {"share": "half", "half": "default__half", "default__half": ""}
_MODELS: dict[str, dict[str, Any]] = {
    "int_interval": {"sources": ["lake.reading"], "macros": ["share"]},
    "intervals": {"schema": "energy", "parents": ["int_interval"], "partition_by": "month"},
    "int_slot": {"parents": ["int_interval", "intervals"], "only_with": {"int_interval": "intervals"}},
    "int_price": {"sources": ["site.tariffs"], "text": "var('timezone')"},
    "daily": {"schema": "energy", "parents": ["int_slot", "int_price"], "partition_by": "month", "says": "The days."},
    "emissions": {"schema": "carbon", "parents": ["daily"], "sources": ["factors.factor_grid", "site.points"]},
    "points": {"schema": "reference", "sources": ["site.points"]},
}


def graph(
    changed: Mapping[str, str] | None = None,
    settings: str = "",
    *,
    code_hash: str = "hash",
    also_reads: Mapping[str, list[str]] | None = None,
) -> Models:
    """Return readings to intervals to days to emissions; `changed` gives models and macros another text."""
    texts = changed or {}
    nodes = {f"model.p.{name}": _node(name, model, texts.get(name, "")) for name, model in _MODELS.items()}
    for name, parents in (also_reads or {}).items():
        nodes[f"model.p.{name}"]["depends_on"]["nodes"] += [f"model.p.{parent}" for parent in parents]
    named = sorted({source for model in _MODELS.values() for source in model.get("sources", ())})
    sources = {f"source.p.{name}": dict(zip(("source_name", "name"), name.split("."), strict=True)) for name in named}
    macros = {
        f"macro.p.{name}": {
            "name": name,
            "package_name": "p",
            "macro_sql": name + texts.get(name, ""),
            "depends_on": {"macros": [f"macro.p.{calls}"] if calls else []},
        }
        for name, calls in _MACROS.items()
    }
    manifest = {"metadata": {"project_name": "p"}, "nodes": nodes, "sources": sources, "macros": macros}
    return from_manifest(manifest, code_hash, settings)


def _node(name: str, model: Mapping[str, Any], text: str) -> dict[str, Any]:
    above = [f"model.p.{parent}" for parent in model.get("parents", ())]
    above += [f"source.p.{source}" for source in model.get("sources", ())]
    mart = "schema" in model
    return {
        "unique_id": f"model.p.{name}",
        "resource_type": "model",
        "name": name,
        "alias": name,
        "schema": model.get("schema", "intermediate"),
        "fqn": ["p", "marts" if mart else "intermediate", name],
        "raw_code": f"select 1 {model.get('text', '')} {text}",
        "description": model.get("says", ""),
        "depends_on": {"nodes": above, "macros": [f"macro.p.{macro}" for macro in model.get("macros", ())]},
        "config": {
            "materialized": "table" if mart else "view",
            "meta": {"only_with": model["only_with"]} if "only_with" in model else {},
            "partition_by": model.get("partition_by"),
        },
    }
