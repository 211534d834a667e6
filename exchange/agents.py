"""What programs that act for people may ask of the published marts: read only, with a limit, and only their own rows.

Whoever speaks for one legal entity sees its rows and those of the entities below it
(`lake/tenancy.py`), without what is sensitive in them (`lake/grades.py`). A query of his runs on copies of just these
rows in a database of its own, so that no statement can reach others.
"""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lake import grades, published, tenancy
from lake.errors import LakeError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_ROWS = 1000
_SECONDS = 60.0
_MARTS = """
    select schema_name || '.' || view_name as mart, comment from duckdb_views() where not internal
    union all
    select schema_name || '.' || table_name, comment from duckdb_tables() where not internal
    order by 1
"""
_COLUMNS = """
    select column_name as name, data_type as type, comment from duckdb_columns()
    where schema_name || '.' || table_name = ? order by column_index
"""


class RefusedError(LakeError):
    """What was asked is no query, or not for whoever asks."""


def marts(file: Path, organization: str | None) -> list[dict[str, Any]]:
    """Return the marts that may be asked, with what each is."""
    with published.opened(file) as door:
        _members(door, organization)
        found = _rows(door, _MARTS)
        return [row for row in found if "." in row["mart"] and _may(door, row["mart"], organization)]


def columns(file: Path, organization: str | None, mart: str) -> list[dict[str, Any]]:
    """Return the columns of a mart: name, type, and what each means with its unit."""
    _check_text(mart)
    with published.opened(file) as door:
        if not _may(door, mart, organization):
            raise RefusedError(f"there is no mart {mart!r} for you; list the marts")
        return _rows(door, _COLUMNS, [mart])


def answer(file: Path, organization: str | None, query: str, most: int = MOST_ROWS) -> dict[str, Any]:
    """Return rows, at most `most` of them, of one select statement on the marts, and whether there were more."""
    import duckdb

    most = max(1, min(most, MOST_ROWS))
    _check_text(query)
    with published.opened(file) as door:
        try:
            statements = door.extract_statements(query)
            if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
                raise RefusedError("give one select statement")
            with _own(door, organization, query) as own, _patient(own):
                rows = _rows(own, f"select * from ({query.rstrip().rstrip(';')}\n) limit {most + 1}")
        except duckdb.Error as cause:
            raise RefusedError(f"the query is refused: {str(cause).strip().splitlines()[0]}") from cause
    return {"rows": rows[:most], "is_cut": len(rows) > most}


def check_own(file: Path, organization: str | None, mart: str, asked: dict[str, str]) -> None:
    """Raise RefusedError where a row of a mart is not of the entity, or does not say whose it is."""
    if organization is None:
        return
    with published.opened(file) as door:
        members = _members(door, organization)
        if asked.get(tenancy.OWNER) not in members or tenancy.rule(mart, _names(door, mart)) is not tenancy.Rows.OWN:
            raise RefusedError(f"name a row of your own by {tenancy.OWNER}")


def _check_text(said: str) -> None:
    """Raise RefusedError for half of a character: JSON can tell one, the engine takes none."""
    try:
        said.encode()
    except UnicodeEncodeError as cause:
        raise RefusedError("what was asked is no text: a character of it is only half there") from cause


@contextmanager
def _own(door: "DuckDBPyConnection", organization: str | None, query: str) -> Iterator["DuckDBPyConnection"]:
    """Yield what a query runs on: the marts themselves, or the entity's rows of those that it names."""
    import duckdb

    if organization is None:
        yield door
        return
    members = _members(door, organization)
    with duckdb.connect() as own:
        own.execute("set TimeZone = 'UTC'")
        own.execute("set python_enable_replacements = false")
        for mart in sorted(_named(own, query)):
            if not _may(door, mart, organization):
                raise RefusedError(f"there is no mart {mart!r} for you; list the marts and write schema.table")
            only = tenancy.condition(mart, _names(door, mart), members)
            shown = grades.selected(_names(door, mart), grades.hidden(grades.AGENTS, mart, _sensitive(door, mart)))
            rows = door.sql(f"select {shown} from {mart} where {only}").to_arrow_table()
            schema, _, name = mart.partition(".")
            own.execute(f'create schema if not exists "{schema}"')
            own.register("rows_of_own", rows)
            own.execute(f'create table "{schema}"."{name}" as from rows_of_own')
            own.unregister("rows_of_own")
        own.execute("set enable_external_access = false")
        own.execute("set lock_configuration = true")
        yield own


def _named(connection: "DuckDBPyConnection", query: str) -> set[str]:
    """Return the marts that a query names, by its parsed form: nothing is looked up, so that a view is no obstacle.

    A name without a schema is left out: it is a part of the query itself, or of nothing.
    """
    ((told,),) = connection.execute("select json_serialize_sql($query)", {"query": query}).fetchall()
    parsed = json.loads(told)
    if parsed["error"]:
        raise RefusedError(f"the query is refused: {parsed['error_message']}")
    found, open_ = set(), [parsed]
    while open_:
        part = open_.pop()
        if isinstance(part, dict) and part.get("type") == "BASE_TABLE" and part.get("schema_name"):
            found.add(f"{part['schema_name']}.{part['table_name']}")
        open_ += part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return found


@contextmanager
def _patient(connection: "DuckDBPyConnection") -> Iterator[None]:
    """Interrupt what takes too long."""
    timer = threading.Timer(_SECONDS, connection.interrupt)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _members(door: "DuckDBPyConnection", organization: str | None) -> frozenset[str]:
    """Return an entity and those below it; raises RefusedError where there is none of this id."""
    if organization is None:
        return frozenset()
    pairs = door.execute(f"select {tenancy.OWNER}, parent_id from reference.organizations").fetchall()
    found = tenancy.members(pairs, organization)
    if not found:
        raise RefusedError(f"there is no organisation {organization!r}; reference.organizations lists them")
    return found


def _may(door: "DuckDBPyConnection", mart: str, organization: str | None) -> bool:
    known = _names(door, mart)
    return bool(known) and (organization is None or tenancy.rule(mart, known) is not tenancy.Rows.NOBODY)


def _names(door: "DuckDBPyConnection", mart: str) -> list[str]:
    return [name for name, *_ in door.execute(_COLUMNS, [mart]).fetchall()]


def _sensitive(door: "DuckDBPyConnection", mart: str) -> dict[str, str]:
    """Return the kind of each sensitive column; none where the marts were published before any was named."""
    if not door.execute("select 1 from duckdb_tables() where table_name = 'data_grades'").fetchall():
        return {}
    asked = "select column_name, sensitive from main.data_grades where mart = ? and sensitive is not null"
    return dict(door.execute(asked, [mart]).fetchall())


def _rows(connection: "DuckDBPyConnection", query: str, values: Sequence[object] = ()) -> list[dict[str, Any]]:
    found = connection.execute(query, list(values))
    names = [column[0] for column in found.description or ()]
    return [{name: _plain(value) for name, value in zip(names, row, strict=True)} for row in found.fetchall()]


def _plain(value: Any) -> Any:  # noqa: ANN401 - any value of a row
    """Return what JSON can say: every digit of a decimal, instants and days as ISO 8601."""
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
