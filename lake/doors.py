"""What readers open: marts.duckdb (views on large marts, tables for small ones) and marts_bi.duckdb (tables only).

Both are written beside the old file and put in its place in one step, in the storage version that DuckDB 1.4 reads.
"""

from collections.abc import Mapping
from pathlib import Path

import duckdb
from deltalake import DeltaTable

from lake import buildviews
from lake.engine import connected
from lake.manifest import Manifest, Mart

MARTS = "marts.duckdb"
SEALED = "marts_bi.duckdb"
STORAGE_VERSION = "v1.4.0"

#: A mart with more rows than this is a view in marts.duckdb.
_SMALL_ROWS = 100_000
#: What the table `publication` of a door says; "" is the table itself.
_PUBLICATION = {
    "": "本文件所示的发布 | The publication that this file shows",
    "number": "发布序号 | Number of the publication",
    "run_id": "生成它的运行 | Run that made it",
    "published_at": "发布时刻（UTC） | Instant of publication (UTC)",
    "site_id": "站点编码 | Id of the site",
    "newest_reading_at": "最新读数时刻（UTC） | Instant of the newest reading (UTC)",
    "code_hash": "模型代码版本（哈希） | Version of the models, as a hash",
}
_DAY_COLUMNS = ("local_date", "period_start_at", "month")


def number(door: Path) -> int | None:
    """Return the publication that a door shows; None where it is not there or cannot be read."""
    if not door.exists():
        return None
    try:
        with duckdb.connect(str(door), read_only=True) as con:
            row = con.execute("select number from publication").fetchone()
    except duckdb.Error:
        return None
    return int(row[0]) if row else None


def open_marts(folder: Path, area: Path, manifest: Manifest) -> None:
    """Replace marts.duckdb."""
    _replace(folder / MARTS, area, manifest, manifest.marts, sealed=False)


def open_sealed(folder: Path, area: Path, manifest: Manifest) -> None:
    """Replace marts_bi.duckdb: the marts that dashboards draw, as tables without any outside file."""
    drawn = {name: mart for name, mart in manifest.marts.items() if mart.bi}
    _replace(folder / SEALED, area, manifest, drawn, sealed=True)


def _replace(door: Path, area: Path, manifest: Manifest, marts: Mapping[str, Mart], *, sealed: bool) -> None:
    incoming = door.with_name(f".{door.name}.{manifest.number}.incoming")
    incoming.unlink(missing_ok=True)
    with connected() as con:
        con.execute(f"attach '{_quoted(str(incoming))}' as door (storage_version '{STORAGE_VERSION}')")
        con.execute("use door")
        con.execute("begin")  # one transaction: a comment by itself costs a flush of the file
        _tell(con, manifest)
        for name, mart in sorted(marts.items()):
            schema = name.split(".")[0]
            con.execute(f'create schema if not exists "{schema}"')
            as_table = sealed or mart.rows <= _SMALL_ROWS
            rows = _recent(con, area, name, mart) if sealed and mart.bi_days else _rows(area, name, mart)
            kind = "table" if as_table else "view"
            con.execute(f"create {kind} {quoted_name(name)} as {rows}")
            present = {"", *mart.columns}
            _comment(con, kind, name, {column: text for column, text in mart.comments.items() if column in present})
        con.execute("commit")
        con.execute("use memory")
        con.execute("checkpoint door")
        con.execute("detach door")
    incoming.replace(door)


def _tell(con: duckdb.DuckDBPyConnection, manifest: Manifest) -> None:
    con.execute(
        "create table publication as select cast($number as bigint) as number, cast($run_id as varchar) as run_id, "
        "cast($at as timestamptz) as published_at, cast($site as varchar) as site_id, "
        "cast($newest as timestamptz) as newest_reading_at, cast($code as varchar) as code_hash",
        {
            "number": manifest.number,
            "run_id": manifest.run_id,
            "at": manifest.published_at,
            "site": manifest.site_id,
            "newest": manifest.newest_reading_at,
            "code": manifest.code_hash,
        },
    )
    _comment(con, "table", "main.publication", _PUBLICATION)


def _rows(area: Path, name: str, mart: Mart) -> str:
    folder = area / name.replace(".", "/")
    columns = ", ".join(f'"{column}"' for column in mart.columns)
    if not mart.files:  # built, and without a row: its columns are in the table's schema
        return f"select {columns} from ({buildviews.nothing(DeltaTable(folder).schema().to_arrow())})"
    listed = ", ".join(f"'{_quoted(str(folder / path))}'" for path in mart.files)
    hive = f", hive_partitioning = true, hive_types = {{'{mart.partition_by}': date}}" if mart.partition_by else ""
    return f"select {columns} from read_parquet([{listed}]{hive})"


def _recent(con: duckdb.DuckDBPyConnection, area: Path, name: str, mart: Mart) -> str:
    """Return only the last days of a mart that is too large to copy whole."""
    rows = _rows(area, name, mart)
    column = next(column for column in _DAY_COLUMNS if column in mart.columns)
    found = con.execute(f'select max("{column}"), typeof(max("{column}")) from ({rows})').fetchone()
    if found is None or found[0] is None:
        return rows
    newest, kind = found
    # a bound of the column's own type, and one of the partitions: files that hold only older rows are not opened
    bound = f"cast(cast('{newest}' as {kind}) - interval {mart.bi_days} day as {kind})"
    months = f" and {mart.partition_by} >= cast(date_trunc('month', {bound} - interval 1 day) as date)"
    return f'{rows} where "{column}" > {bound}' + (months if mart.partition_by else "")


def _comment(con: duckdb.DuckDBPyConnection, kind: str, name: str, comments: Mapping[str, str]) -> None:
    for column, text in comments.items():
        if not column:
            con.execute(f"comment on {kind} {quoted_name(name)} is '{_quoted(text)}'")
        else:
            con.execute(f"comment on column {quoted_name(name)}.\"{column}\" is '{_quoted(text)}'")


def quoted_name(name: str) -> str:
    """Return `schema.table` as SQL spells it."""
    schema, table = name.split(".")
    return f'"{schema}"."{table}"'


def _quoted(text: str) -> str:
    return text.replace("'", "''")
