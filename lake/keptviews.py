"""Views that come out as in an earlier run are made from its words, without dbt: half of the models are views.

What dbt makes of a view follows from the project, the variables, the engine and the columns of the sources; while these
are the same, so are the words. A view may rest on models that are built later: the engine looks at what a view reads
when it is made and again when it is read, so empty tables with the same columns stand in for these meanwhile.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from lake.models import Model, Models

#: Variables that are others in each run: views that name one of them are left to dbt.
_OF_EACH_RUN = ("run_id", "months", "newest_days_from", "marts_root")
_SOURCES = ("raw", "ref", "quarantine", "meta")
#: So many kinds of run are remembered: everything, by worklist, with some marts whole.
_KINDS = 4


def restore(
    con: duckdb.DuckDBPyConnection, file: Path, models: Models, names: Iterable[str], values: Mapping[str, Any]
) -> set[str]:
    """Make those views of the models that an earlier run of the same kind made, and return their names."""
    known = _read(file).get(_kind(con, models, values), {"views": {}, "columns": {}})
    wanted = set(names)
    present = _relations(con)
    stand_ins: list[str] = []
    made = set()
    for model in (one for one in models.order if one.name in wanted and one.name in known["views"]):
        for parent in (models.by_name[name].relation for name in sorted(model.parents)):
            if parent not in present and parent in known["columns"]:
                _make_schema(con, parent)
                con.execute(f"create table {_quoted(parent)} ({known['columns'][parent]})")
                present.add(parent)
                stand_ins.append(parent)
        if _is_made(con, model, known["views"][model.name]):
            made.add(model.name)
            present.add(model.relation)
    for relation in stand_ins:
        con.execute(f"drop table {_quoted(relation)}")
    return made


def remember(
    con: duckdb.DuckDBPyConnection,
    file: Path,
    models: Models,
    compiled: Mapping[str, str],
    values: Mapping[str, Any],
) -> None:
    """Keep the words of the views that dbt has just made, and the columns of what they read."""
    views = {name: sql for name, sql in compiled.items() if _is_the_same_again(models.by_name[name])}
    if not views:
        return
    kinds = _read(file)
    kind = _kind(con, models, values)
    earlier = kinds.pop(kind, {"views": {}, "columns": {}})
    parents = {models.by_name[parent].relation for name in views for parent in models.by_name[name].parents}
    kinds[kind] = {"views": earlier["views"] | views, "columns": earlier["columns"] | _columns(con, parents)}
    incoming = file.with_suffix(".incoming")
    incoming.write_text(json.dumps(dict(list(kinds.items())[-_KINDS:])), encoding="utf-8")
    incoming.replace(file)


def _is_the_same_again(model: Model) -> bool:
    return model.is_view and not any(name in model.code for name in _OF_EACH_RUN)


def _kind(con: duckdb.DuckDBPyConnection, models: Models, values: Mapping[str, Any]) -> str:
    """Return a hash of everything that the words of a view follow from."""
    columns = con.execute(
        "select schema_name, table_name, column_name, data_type from duckdb_columns() "
        "where list_contains($schemas, schema_name) order by all",
        {"schemas": list(_SOURCES)},
    ).fetchall()
    lasting = {name: value for name, value in sorted(values.items()) if name not in _OF_EACH_RUN}
    text = json.dumps([models.code_hash, duckdb.__version__, columns, lasting])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _is_made(con: duckdb.DuckDBPyConnection, model: Model, sql: str) -> bool:
    """Make a view; one that cannot be made from its old words is left to dbt."""
    _make_schema(con, model.relation)
    try:
        con.execute(f"create view {_quoted(model.relation)} as (\n{sql}\n)")
    except (duckdb.CatalogException, duckdb.BinderException):
        return False
    return True


def _make_schema(con: duckdb.DuckDBPyConnection, relation: str) -> None:
    con.execute(f'create schema if not exists "{relation.split(".", maxsplit=1)[0]}"')


def _relations(con: duckdb.DuckDBPyConnection) -> set[str]:
    found = con.execute("select schema_name || '.' || table_name from duckdb_tables()").fetchall()
    found += con.execute("select schema_name || '.' || view_name from duckdb_views() where not internal").fetchall()
    return {name for (name,) in found}


def _columns(con: duckdb.DuckDBPyConnection, relations: Sequence[str] | set[str]) -> dict[str, str]:
    """Return the columns of relations as `create table` spells them; none of one whose words are categories.

    The categories are those of one run's rows, so what reads them is not the same in another run: dbt makes it.
    """
    rows = con.execute(
        """
        select schema_name || '.' || table_name as relation,
            string_agg('"' || column_name || '" ' || data_type, ', ' order by column_index)
        from duckdb_columns() group by relation
        having list_contains($relations, relation) and not bool_or(data_type like 'ENUM%')
        """,
        {"relations": sorted(relations)},
    ).fetchall()
    return dict(rows)


def _quoted(relation: str) -> str:
    schema, table = relation.split(".")
    return f'"{schema}"."{table}"'


def _read(file: Path) -> dict[str, dict[str, Any]]:
    """Return what is remembered, kind by kind; nothing where the file is not there or was cut off."""
    try:
        found: dict[str, dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return found
