"""Relational databases (historians, MES, ERP): a query with a cursor, read onwards from where the lake's data ends.

The cursor is the greatest value of the cursor column that has landed. Each run goes back by `overlap`, because rows
become visible in another order than they are numbered; what the lake already has is left out on landing.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
from sqlalchemy import create_engine, exc, text
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.pool import NullPool

from ingestion import admit, verbatim
from ingestion.durations import duration
from ingestion.source import Context, Keep, Memory, now
from ingestion.time import Clock
from lake.batch import Batch
from lake.errors import SourceAwayError, SourceShapeError

_ROWS = 200_000
Cursor = int | float | str


def read(context: Context, memory: Memory, keep: Keep) -> Iterator[Batch]:
    """Yield batches of rows beyond the cursor; none where there is nothing new."""
    del keep  # a query's rows are in memory, the landing keeps them
    after = _after(context, memory)
    engine = _engine(context)
    greatest = after
    try:
        with engine.connect().execution_options(stream_results=True) as connection:
            result = connection.execute(text(str(context.settings["query"])), {"cursor": after})
            names = list(result.keys())
            while rows := result.fetchmany(_ROWS):
                columns = dict(zip(names, zip(*rows, strict=True), strict=True))
                greatest = _greatest(context, columns, greatest)
                yield _batch(context, columns, greatest)
    except (exc.OperationalError, exc.InterfaceError) as cause:
        raise SourceAwayError(f"source {context.source}: the database does not answer ({_brief(cause)})") from cause
    except exc.SQLAlchemyError as cause:
        raise SourceShapeError(f"source {context.source}: the query fails ({_brief(cause)}); correct it") from cause
    finally:
        engine.dispose()


def _engine(context: Context) -> Engine:
    try:
        url = make_url(str(context.settings["url"]))
        if url.get_backend_name() == "sqlite" and url.database:
            file = context.folder / url.database
            if not file.exists():  # the driver would make an empty one
                raise SourceAwayError(f"source {context.source}: there is no database file {file}")
            url = url.set(database=str(file))
        return create_engine(url, poolclass=NullPool)
    except (exc.ArgumentError, exc.NoSuchModuleError, ModuleNotFoundError) as cause:
        raise SourceShapeError(f"source {context.source}: its url is no database this house can open") from cause


def _after(context: Context, memory: Memory) -> Cursor:
    """Return the cursor to read onwards from: the landed one less the overlap, or the start."""
    landed = json.loads(memory.last_cursor) if memory.last_cursor else {}
    overlap = context.settings.get("overlap") or 0
    by_time = duration(overlap)
    if landed.get("read_as") != context.fingerprint():
        start = str(context.settings.get("start") or ("1970-01-01 00:00:00" if by_time else 0))
        return int(start) if start.isdigit() else start
    value: Cursor = landed["cursor"]
    if isinstance(value, str):
        return (datetime.fromisoformat(value) - by_time).isoformat(sep=" ") if by_time else value
    return value - int(overlap)


def _greatest(context: Context, columns: dict[str, Sequence[Any]], so_far: Cursor) -> Cursor:
    name = str(context.settings["cursor"])
    if name not in columns:
        raise SourceShapeError(f"source {context.source}: the query gives no cursor column {name!r}; select it")
    values = [value for value in columns[name] if value is not None]
    if not values:
        return so_far
    if values != sorted(values):
        raise SourceShapeError(f"source {context.source}: the query is not in order of {name}; add `order by {name}`")
    top = values[-1]
    if isinstance(top, datetime):
        return top.isoformat(sep=" ")
    return int(top) if isinstance(top, Decimal) else top


def _batch(context: Context, columns: dict[str, Sequence[Any]], greatest: Cursor) -> Batch:
    received_at = now()
    lines = [verbatim.line(row) for row in _records(columns)]
    settings = context.settings
    rows = {"position": pa.chunked_array([pa.array(range(1, len(lines) + 1), pa.int64())])}
    roles = {"address": "tag", "time": "time", "value": "value", "status": "status", "known": "known_at"}
    for role, default in roles.items():
        name = str(settings.get(default) or default)
        if name in columns:
            rows[role] = pa.chunked_array([_column(columns[name])])
        elif role in ("address", "time", "value"):
            raise SourceShapeError(f"source {context.source}: the query gives no column {name!r}; select it")
    rows["address"] = rows["address"].cast(pa.string())
    clock = Clock(zone=context.zone(), unit=settings.get("time_unit") or "iso")
    admitted = admit.admit(
        pa.table(rows),
        context.points,
        context.rules(clock),
        received_at,
        lambda positions: [lines[position - 1] for position in positions],
    )
    return Batch(
        source=context.source,
        origin="query",
        payload="\n".join([*lines, ""]).encode(),
        suffix=".jsonl",
        received_at=received_at,
        readings=admitted.readings,
        refused=admitted.refused,
        decimals=context.decimals,
        cursor=json.dumps({"cursor": greatest, "read_as": context.fingerprint()}),
        quiet=True,
    )


def _records(columns: dict[str, Sequence[Any]]) -> Iterator[dict[str, Any]]:
    names = list(columns)
    return (dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True))


def _column(values: Sequence[Any]) -> pa.Array:
    """Return a column in the database's type, or as text where it mixes types, which some databases allow."""
    try:
        found = pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([None if value is None else str(value) for value in values], pa.string())
    return found.cast(pa.string()) if pa.types.is_null(found.type) else found


def _brief(cause: exc.SQLAlchemyError) -> str:
    """Return the database's own words: SQLAlchemy's message repeats the statement, and perhaps a secret."""
    origin = getattr(cause, "orig", None)
    return str(origin or type(cause).__name__).splitlines()[0][:200]
