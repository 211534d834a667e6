"""Runs the models of a build one after the other, in one connection that is closed at the end.

What dbt gives to a materialisation is given here too, as far as ours ask for it, so that the same text writes a mart
whoever runs it.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import duckdb

from lake.build import Build
from lake.engine import connected
from lake.errors import LakeError
from lake.rendering import Project, Rendered


@dataclass(frozen=True)
class Done:
    """One model that was run; `seconds` on the wall clock, and of the process's CPU."""

    place: int
    total: int
    name: str
    seconds: float
    cpu_s: float


def run(build: Build) -> Iterator[Done]:
    """Run the models that the worklist names, parents first; a model that fails ends it with one sentence."""
    project, only = Project(build.project, build.variables), set(build.worklist.rebuild.models)
    chosen = [model for model in project.models() if model.name in only]
    with connected(build.database, engine=build.engine) as con:
        con.execute("set preserve_insertion_order = false")
        con.execute("set partitioned_write_max_open_files = 400")
        con.execute(f"set temp_directory = '{str(build.folder / 'temp').replace(chr(39), chr(39) * 2)}'")
        for schema in sorted({model.schema for model in chosen}):
            con.execute(f'create schema if not exists "{schema}"')
        writer = _Writer(con, project)
        for place, model in enumerate(chosen, 1):
            started, used = time.monotonic(), time.process_time()
            try:
                writer.write(model)
            except duckdb.Error as cause:
                raise _told(build, model, cause) from cause
            yield Done(place, len(chosen), model.name, time.monotonic() - started, time.process_time() - used)


class _Writer:
    """Writes one model after the other in the way each is materialised."""

    def __init__(self, con: duckdb.DuckDBPyConnection, project: Project) -> None:
        self._con, self._project = con, project
        project.environment.globals |= {"run_query": self._query, "statement": self._statement}

    def write(self, model: Rendered) -> None:
        kind = model.config["materialized"]
        if kind in ("view", "table"):
            self._con.execute(f"create or replace {kind} {model.relation} as {model.sql}")
        else:
            self._project.materialize(
                model,
                this=_Relation(model.schema, model.name),
                adapter=_Adapter(),
                load_cached_relation=lambda _relation: None,
                run_hooks=lambda *_hooks, **_how: "",
                pre_hooks=(),
                post_hooks=(),
            )

    def _query(self, sql: str) -> "_Answer":
        return _Answer(self._con.execute(sql).fetchall())

    def _statement(self, _name: str, *, caller: Callable[[], str], **_how: object) -> str:
        self._con.execute(caller())
        return ""


@dataclass(frozen=True)
class _Relation:
    """A model's place, as a materialisation asks for it."""

    schema: str
    identifier: str

    def incorporate(self, **_kind: object) -> "_Relation":
        return self

    def __str__(self) -> str:
        return f'"{self.schema}"."{self.identifier}"'


class _Adapter:
    """What a materialisation asks of the adapter: everything is committed at once here."""

    def commit(self) -> str:
        return ""


class _Answer:
    """The rows of a query, also by column."""

    def __init__(self, rows: list[tuple[Any, ...]]) -> None:
        self.rows = rows

    @property
    def columns(self) -> "_Columns":
        return _Columns(self.rows)


class _Columns:
    def __init__(self, rows: list[tuple[Any, ...]]) -> None:
        self._rows = rows

    def __getitem__(self, place: int) -> "_Column":
        return _Column(row[place] for row in self._rows)


class _Column(list[Any]):
    def values(self) -> "_Column":
        return self


def _told(build: Build, model: Rendered, cause: duckdb.Error) -> LakeError:
    """Keep what failed beside the lake and say it in one sentence."""
    kept = build.lake.root / "last_failed_build.log"
    kept.write_text(f"{model.relation}\n\n{cause}\n\n{model.sql}\n", encoding="utf-8")
    first = str(cause).strip().splitlines()[0]
    return LakeError(f"the models could not be built: {model.relation}: {first}; the whole of it is in {kept}")
