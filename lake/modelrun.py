"""Runs the models of a build: views and tables in its database, marts as files in the folders of their Delta tables."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import duckdb

from lake import martwriter
from lake.errors import LakeError
from lake.martwriter import Target
from lake.models import Model


@dataclass(frozen=True)
class Done:
    """One model that was run: `seconds` on the wall clock, `cpu_s` of this process."""

    place: int
    total: int
    name: str
    seconds: float
    cpu_s: float


def run(
    con: duckdb.DuckDBPyConnection,
    models: list[Model],
    statements: Mapping[str, str],
    target: Target | None,
    tell: Callable[[Done], None] = lambda _done: None,
) -> None:
    """Run the models in this order, all as views without a target. Raises LakeError with the first model's fault."""
    for schema in sorted({model.relation.split(".")[0] for model in models}):
        con.execute(f'create schema if not exists "{schema}"')
    for place, model in enumerate(models, start=1):
        wall, cpu = time.monotonic(), time.process_time()
        try:
            _make(con, model, statements[model.name], target)
        except duckdb.Error as cause:
            lines = [line.strip() for line in str(cause).splitlines() if line.strip()]
            raise LakeError(f"the models could not be built: {model.name}: {' '.join(lines[:3])}") from cause
        tell(Done(place, len(models), model.name, time.monotonic() - wall, time.process_time() - cpu))


def _make(con: duckdb.DuckDBPyConnection, model: Model, sql: str, target: Target | None) -> None:
    if model.is_mart and target is not None:
        martwriter.write(con, model, sql, target)
        return
    kind = "view" if model.is_view or target is None else "table"
    con.execute(f"create {kind} {model.quoted} as (\n{sql}\n)")
    for column in model.categories if kind == "table" else ():
        _as_category(con, model, column)


def _as_category(con: duckdb.DuckDBPyConnection, model: Model, column: str) -> None:
    """Make categories of a column of words: what repeats over millions of rows is stored and compared as a number."""
    if not con.execute(f'select 1 from {model.quoted} where "{column}" is not null limit 1').fetchall():
        return  # a category needs a word
    schema, table = model.relation.split(".")
    kind = f'"{schema}"."category_{table}_{column}"'
    con.execute(
        f'create type {kind} as enum (select distinct "{column}" from {model.quoted} where "{column}" is not null '
        f'order by "{column}")'
    )
    con.execute(f'alter table {model.quoted} alter column "{column}" type {kind}')
