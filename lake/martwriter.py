"""Writes the rows of a mart as Parquet files into the folder of its Delta table, under names that carry the run's id.

Nothing refers to the files before the publication commits them. Until then the mart is a view of the new files and of
the published files that this run does not replace. Large marts are written month by month, in little memory; their
newest days lie in a file of their own, so that the next day rewrites little.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from lake.models import Model

#: How every file is written. Words are categories or few: a column of other values is no dictionary for long.
_WRITTEN = "format parquet, parquet_version v2, compression zstd, row_group_size 122880, dictionary_size_limit 5000"
#: So many files may a month have before its small ones are merged.
_HANDFUL = 6


@dataclass(frozen=True)
class Target:
    """Where a run writes: the folder of the marts, its own name, its newest days (ISO date or empty), what is whole."""

    marts: Path
    run_id: str
    newest_days_from: str
    whole: frozenset[str] | None

    def is_whole(self, model: Model) -> bool:
        """Whether this run builds a mart from nothing; None names all."""
        return self.whole is None or model.name in self.whole

    def folder(self, model: Model) -> Path:
        """The folder of a mart's Delta table."""
        return self.marts / model.schema / model.table

    def file(self, model: Model, month: str, number: int) -> Path:
        """The file of a part of a month."""
        return self.folder(model) / f"month={month}" / f"{self.run_id}_{number}.parquet"


def write(con: duckdb.DuckDBPyConnection, model: Model, sql: str, target: Target) -> None:
    """Write a mart's files and make the view of its rows."""
    by_work = model.partition_by is not None and not target.is_whole(model)
    if by_work:
        _replace_by_work(con, model, sql, target)
    elif model.month_by_month:
        for month in _texts(con, "select cast(month as varchar) from meta.month order by month"):
            rows = f"select * from ({sql}) where month = date '{month}'"
            for part in _parts(month, target.newest_days_from):
                _copy(con, model, rows, target.file(model, month, part[0]), part)
    else:
        _copy_whole(con, model, sql, target)
    files = sorted(str(path) for path in target.folder(model).rglob(f"{target.run_id}*.parquet"))
    if by_work:
        files += _retained(con, model)
    con.execute(f"create view {model.quoted} as {_rows(con, files, sql, model.partition_by)}")
    con.execute("insert into meta.built values ($1, $2, $3, null)", [model.schema, model.table, model.partition_by])


def _copy_whole(con: duckdb.DuckDBPyConnection, model: Model, sql: str, target: Target) -> None:
    order = f" order by {', '.join(model.order_by)}" if model.order_by else ""
    if model.partition_by is None:
        place, how = target.folder(model) / f"{target.run_id}.parquet", _WRITTEN
    else:
        place = target.folder(model)
        named = f"overwrite_or_ignore true, filename_pattern '{target.run_id}_{{i}}'"
        how = f"{_WRITTEN}, partition_by ({model.partition_by}), {named}"
    with _one_thread(con):
        con.execute(f"copy (select * from (\n{sql}\n){order}) to {_text(str(place))} ({how})")


Part = tuple[int, str]


def _parts(month: str, newest: str) -> Iterator[Part]:
    """Yield number and condition of the files that a month's rows go to: days before the newest ones, and those."""
    first = newest[:8] + "01"
    if not newest or month < first:
        yield 0, "true"
    elif month == newest or month > first:
        yield 1, "true"
    else:
        yield 0, f"local_date < date '{newest}'"
        yield 1, f"local_date >= date '{newest}'"


def _copy(con: duckdb.DuckDBPyConnection, model: Model, rows: str, file: Path, part: Part) -> None:
    order = f" order by {', '.join(model.order_by)}" if model.order_by else ""
    with _one_thread(con):
        con.execute(
            f"copy (select * exclude (month) from ({rows}) where {part[1]}{order}) to {_text(str(file))} ({_WRITTEN})"
        )


@contextmanager
def _one_thread(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Let one thread write: DuckDB 2.0 loses words of categories where two write row groups of one file (ADR 17)."""
    before = con.execute("select current_setting('threads')").fetchall()[0][0]
    con.execute("set threads = 1")
    try:
        yield
    finally:
        con.execute(f"set threads = {before}")


def _replace_by_work(con: duckdb.DuckDBPyConnection, model: Model, sql: str, target: Target) -> None:
    """Write the files anew that hold days of the work: the model's rows for the work, the published ones beside it."""
    keys = ", ".join(model.replaced_by)
    con.execute(
        f"create or replace temp table fresh_rows as select * from (\n{sql}\n) "
        f"semi join (select distinct {keys} from meta.work) using ({keys})"
    )
    for month in _texts(con, "select distinct cast(month as varchar) from meta.work order by 1"):
        touched = _touched(con, model, month)
        rows = f"select * from fresh_rows where month = date '{month}'"
        if touched and model.replaced_by != ("month",):
            rows += (
                f" union all by name select *, date '{month}' as month "
                f"from (select * from read_parquet({_list(touched)}, hive_partitioning = false)) "
                f"anti join (select distinct {keys} from meta.work where month = date '{month}') using ({keys})"
            )
        for part in _parts(month, target.newest_days_from) if model.month_by_month else ((0, "true"),):
            if con.execute(f"select 1 from ({rows}) where {part[1]} limit 1").fetchall():
                _copy(con, model, rows, target.file(model, month, part[0]), part)
        if touched:
            con.execute("insert into meta.replaced select $1, unnest($2)", [model.mart, touched])
    con.execute("drop table fresh_rows")


def _touched(con: duckdb.DuckDBPyConnection, model: Model, month: str) -> list[str]:
    """Return the published files of a month to write anew: those with days of the work, small ones if too many."""
    files = _texts(
        con,
        "select path from meta.mart_files where mart = $1 and month = cast($2 as date) order by path",
        [model.mart, month],
    )
    if model.replaced_by == ("month",) or not files:
        return files
    return _texts(
        con,
        f"""
        with
            touched as (
                select distinct groups.file_name
                from parquet_metadata({_list(files)}) as groups
                inner join
                    (select distinct local_date from meta.work where month = date '{month}') as work
                    on work.local_date between
                        coalesce(cast(groups.stats_min_value as date), date '0001-01-01')
                        and coalesce(cast(groups.stats_max_value as date), date '9999-12-31')
                where groups.path_in_schema = 'local_date'
            ),

            rest as (
                select file_name, num_rows, count(*) over () as files, max(num_rows) over () as largest,
                    min(num_rows) over () as smallest
                from parquet_file_metadata({_list(files)})
                where file_name not in (select file_name from touched)
            )

        select file_name from touched
        union all
        select file_name from rest where files >= {_HANDFUL} and (num_rows * 2 <= largest or smallest * 2 > largest)
        """,
    )


def _retained(con: duckdb.DuckDBPyConnection, model: Model) -> list[str]:
    """Return the published files of a mart that this run does not replace."""
    return _texts(
        con,
        "select path from meta.mart_files where mart = $1 "
        "and path not in (select path from meta.replaced where mart = $1) order by path",
        [model.mart],
    )


def _rows(con: duckdb.DuckDBPyConnection, files: Sequence[str], sql: str, partition_by: str | None) -> str:
    """Return the query of the files' rows; one without a row has the columns of the model, its categories as words."""
    if files:
        hive = f", hive_partitioning = true, hive_types = {{'{partition_by}': date}}" if partition_by else ""
        return f"select * from read_parquet({_list(files)}{hive})"
    described = con.execute(f"describe select * from (\n{sql}\n)").fetchall()
    columns = [
        f'cast("{name}" as varchar) as "{name}"' if str(kind).startswith("ENUM") else f'"{name}"'
        for name, kind, *_ in described
    ]
    return f"select {', '.join(columns)} from (\n{sql}\n) where false"


def _texts(con: duckdb.DuckDBPyConnection, query: str, values: Sequence[object] = ()) -> list[str]:
    return [text for (text,) in con.execute(query, list(values)).fetchall()]


def _list(files: Sequence[str]) -> str:
    return f"[{', '.join(map(_text, files))}]"


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
