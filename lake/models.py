"""The models of the dbt project as a graph, from dbt's manifest: parents, sources, and a fingerprint of the code."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from lake import project as dbt

#: What an engine needs for itself stands in a variant of the macro, found under the macro's own name.
_VARIANTS = ("", "default__", "duckdb__", "spark__")


@dataclass(frozen=True)
class Model:
    """One model; `schema` is that of a mart and empty elsewhere, a source is `<source>.<table>`.

    `relation` is where it stands in a build, schema.table.

    How a mart is written: `partition_by` is a date column (first of month) of a time series; `replaced_by` the columns
    of meta.work that say which rows a run by worklist replaces; `month_by_month` that each month is read, ordered and
    written by itself. `categories` are columns of words that a build keeps as numbers (ADR 17).

    `only_with` has the parents that are read only where a mart is rebuilt whole, with that mart's model.
    """

    name: str
    schema: str
    table: str
    relation: str
    is_view: bool
    description: str
    parents: frozenset[str]
    only_with: Mapping[str, str]
    sources: frozenset[str]
    partition_by: str | None
    replaced_by: tuple[str, ...]
    order_by: tuple[str, ...]
    month_by_month: bool
    categories: tuple[str, ...]
    code: str
    settings: str

    @property
    def mart(self) -> str:
        """The mart's name: schema.table."""
        return f"{self.schema}.{self.table}"

    @property
    def is_mart(self) -> bool:
        """Whether readers see it."""
        return bool(self.schema)

    @property
    def quoted(self) -> str:
        """Where it stands in a build, as SQL spells it."""
        schema, table = self.relation.split(".")
        return f'"{schema}"."{table}"'

    @property
    def key(self) -> str:
        """The name under which a publication remembers it."""
        return self.mart if self.is_mart else self.name

    def fingerprint(self, values: Mapping[str, Any]) -> str:
        """Return a hash of the code and of the values of the variables that it names."""
        used = {name: values[name] for name in sorted(values) if name in self.code}
        text = "\0".join([self.settings, self.code, json.dumps(used, sort_keys=True)])
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Models:
    """All models of a project by name, and a hash of everything that is written there."""

    by_name: Mapping[str, Model]
    code_hash: str

    @cached_property
    def marts(self) -> dict[str, Model]:
        """The marts by schema.table."""
        return {model.mart: model for model in self.by_name.values() if model.is_mart}

    @cached_property
    def order(self) -> list[Model]:
        """Every model after those it is made from."""
        done: dict[str, Model] = {}
        for name in sorted(self.by_name):
            self._visit(name, done)
        return list(done.values())

    def behind(self, names: Iterable[str], whole: Set[str] | None = None) -> set[str]:
        """Return these models and what they are made from, as far as the next marts, which are left out.

        `whole` are the models that are rebuilt whole (default: all of them).
        """
        found: set[str] = set()
        open_names = list(names)
        while open_names:
            name = open_names.pop()
            if name not in found:
                found.add(name)
                open_names += [parent for parent in self._read(name, whole) if not self.by_name[parent].is_mart]
        return found

    def sources_behind(self, name: str, whole: Set[str] | None = None) -> set[str]:
        """Return the sources that a model reaches without passing through a mart."""
        return {source for behind in self.behind([name], whole) for source in self.by_name[behind].sources}

    def _read(self, name: str, whole: Set[str] | None) -> Iterator[str]:
        model = self.by_name[name]
        for parent in model.parents:
            if whole is None or parent not in model.only_with or model.only_with[parent] in whole:
                yield parent

    def _visit(self, name: str, done: dict[str, Model]) -> None:
        if name not in done:
            for parent in sorted(self.by_name[name].parents):
                self._visit(parent, done)
            done[name] = self.by_name[name]


def read(project: Path) -> Models:
    """Return the models of a project as dbt knows them."""
    return _read(project, dbt.code_hash(project))


@lru_cache(maxsize=2)
def _read(project: Path, code_hash: str) -> Models:
    settings = (project / "dbt_project.yml").read_text(encoding="utf-8")
    return from_manifest(dbt.manifest(project), code_hash, settings)


def from_manifest(manifest: Mapping[str, Any], code_hash: str, settings: str) -> Models:
    """Return the models of a manifest; `settings` is the text of the project file, on which all of them rest."""
    macros = {
        macro["name"]: macro for macro in manifest["macros"].values() if macro["package_name"] == _package(manifest)
    }
    nodes = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    names = {node["unique_id"]: node["name"] for node in nodes}
    sources = {name: f"{one['source_name']}.{one['name']}" for name, one in manifest["sources"].items()}
    found = {node["name"]: _model(node, names, sources, macros, settings) for node in nodes}
    return Models(found, code_hash)


def _package(manifest: Mapping[str, Any]) -> str:
    return str(manifest["metadata"]["project_name"])


def _model(
    node: Mapping[str, Any],
    names: Mapping[str, str],
    sources: Mapping[str, str],
    macros: Mapping[str, Mapping[str, Any]],
    settings: str,
) -> Model:
    config, above = node["config"], node["depends_on"]
    used = _used([name.rpartition(".")[2] for name in above["macros"]], macros)
    is_mart = node["fqn"][1] == "marts"
    return Model(
        name=node["name"],
        schema=node["schema"] if is_mart else "",
        table=node["alias"],
        relation=f"{node['schema']}.{node['alias']}",
        is_view=config["materialized"] == "view",
        description=str(node["description"]).strip(),
        parents=frozenset(names[parent] for parent in above["nodes"] if parent in names),
        only_with=config["meta"].get("only_with", {}),
        sources=frozenset(sources[parent] for parent in above["nodes"] if parent in sources),
        partition_by=config.get("partition_by"),
        replaced_by=tuple(config.get("replaced_by") or ("month",)),
        order_by=tuple(config.get("order_by") or ()),
        month_by_month=bool(config.get("month_by_month")),
        categories=tuple(config["meta"].get("categories", ())),
        settings=settings,
        code="\0".join([node["raw_code"], *(macros[name]["macro_sql"] for name in sorted(used))]),
    )


def _used(begun: Iterable[str], macros: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Return these macros of the project and those that they call, with their variants for an engine."""
    found: set[str] = set()
    open_names = list(begun)
    while open_names:
        name = open_names.pop()
        for variant in (prefix + name for prefix in _VARIANTS):
            if variant in macros and variant not in found:
                found.add(variant)
                open_names += [below.rpartition(".")[2] for below in macros[variant]["depends_on"]["macros"]]
    return found
