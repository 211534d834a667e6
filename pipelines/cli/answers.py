"""Writes the answer of a query as a table, CSV, JSON or Parquet; refuses whatever is not a question."""

import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from lake import cells
from lake.errors import LakeError, NengtanError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

_MOST_ROWS = 200
#: Types of the engine that are one cell of a CSV file.
_CELLS = {"BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"} | {
    "FLOAT", "DOUBLE", "DECIMAL", "VARCHAR", "DATE", "TIME", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"
}  # fmt: skip
#: A text that a spreadsheet would take for a formula has an apostrophe before it.
_PLAIN = (
    f"case when regexp_matches({{column}}, '{cells.BEGINS}') and not regexp_matches({{column}}, '{cells.HARMLESS}')"
    " then chr(39) || {column} else {column} end"
)
_EXPLAIN = re.compile(r"^\s*explain\s+(analyze\s+)?(\([^)]*\)\s*)?", re.IGNORECASE)


def write(connection: "DuckDBPyConnection", query: str, form: str, output: Path | None) -> None:
    """Run a query and write its answer."""
    import duckdb

    try:
        asked = _question(connection, query)
        if form == "table":
            _table(connection, asked, output)
        elif form == "json":
            _json(connection, asked, output)
        else:
            answer = connection.sql(asked)
            _file(_flat(answer) if form == "csv" else answer, form, output)
    except duckdb.Error as cause:
        raise LakeError(f"the query was refused: {str(cause).strip().splitlines()[0]}") from cause


def tell(action: Callable[[], None]) -> None:
    """Do something at the prompt; an error is a sentence and the prompt goes on."""
    try:
        action()
    except NengtanError as cause:
        click.echo(str(cause), err=True)


def _question(connection: "DuckDBPyConnection", query: str) -> str:
    """Return the one statement of a query, which must be one that only reads."""
    import duckdb

    statements = connection.extract_statements(query)
    if len(statements) != 1:
        raise LakeError(f"{len(statements)} statements were given; give one query at a time")
    kind, text = statements[0].type, _without_end(query)
    if kind == duckdb.StatementType.EXPLAIN:
        # an explained COPY would be carried out by `explain analyze`
        _question(connection, _EXPLAIN.sub("", text))
    elif kind != duckdb.StatementType.SELECT:
        raise LakeError(f"{kind.name} is refused: the marts are read only; ask with select, from, describe or show")
    return text


def _without_end(query: str) -> str:
    """Return a statement without the semicolon that ends it and what stands behind."""
    import duckdb

    spelt = query.encode()
    ends = [place for place, _ in duckdb.tokenize(query) if spelt[place : place + 1] == b";"]
    return spelt[: ends[0]].decode() if ends and ends[0] > 0 else query


def _table(connection: "DuckDBPyConnection", asked: str, output: Path | None) -> None:
    relation = connection.sql(asked)
    if output:
        output.write_text(str(relation), encoding="utf-8")
        return
    width = shutil.get_terminal_size((160, 40)).columns
    relation.show(max_width=max(width, 80), max_rows=_MOST_ROWS)


def _json(connection: "DuckDBPyConnection", asked: str, output: Path | None) -> None:
    """Write a list of objects; the engine spells decimals as exact numbers."""
    told = connection.sql(asked).query("answer", "select to_json(answer) from answer")
    rows = told.fetchall() if told else []
    text = "[" + ",\n ".join(row for (row,) in rows) + "]\n"
    if output:
        output.write_text(text, encoding="utf-8")
    else:
        click.echo(text, nl=False)


def _flat(relation: "DuckDBPyRelation") -> "DuckDBPyRelation":
    """Spell what one cell of CSV cannot hold (lists, structs, durations, bytes) as text; no cell begins a formula."""
    columns = []
    for place, (name, kind) in enumerate(zip(relation.columns, relation.types, strict=True), 1):
        column = f"#{place}" if str(kind).partition("(")[0] in _CELLS else f"#{place}::varchar"
        told = _PLAIN.format(column=column) if str(kind) == "VARCHAR" else column
        columns.append(f"{told} as " + '"' + name.replace('"', '""') + '"')
    return relation.project(", ".join(columns))


def _file(relation: "DuckDBPyRelation", form: str, output: Path | None) -> None:
    """Stream the answer as CSV or Parquet; the engine itself may write nowhere."""
    from pyarrow import csv, parquet

    if output is None and form == "parquet" and sys.stdout.isatty():
        raise click.UsageError("Parquet is not for the screen: name a file with --output or send it on with |.")
    reader = relation.to_arrow_reader(100_000)
    sink: BinaryIO = output.open("wb") if output else sys.stdout.buffer
    writer = parquet.ParquetWriter(sink, reader.schema) if form == "parquet" else csv.CSVWriter(sink, reader.schema)
    with writer:
        for batch in reader:
            writer.write(batch)
    if output:
        sink.close()
    else:
        sink.flush()
