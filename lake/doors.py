"""What readers open: marts.duckdb, marts_bi.duckdb and the files of single entities.

The first has views on large marts and tables for small ones, the others have tables only. All are written beside the
old file and put in its place in one step, in the storage version that DuckDB 1.4 reads. What a publication left as it
was is not copied row by row again: the new file begins as a copy of the old one, and of a large mart only the days
whose files are others are replaced.
"""

import json
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
from deltalake import DeltaTable

from lake import buildviews, grades
from lake import manifest as manifests
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
#: What the table `conditions` of an entity's door says.
_CONDITIONS = {
    "": "本文件各表的取行条件 | The conditions by which the rows of this file's tables were chosen",
    "told": "各集市的条件（JSON） | The condition of each mart, as JSON",
}
#: What the table `data_grades` of a door says.
_GRADES = {
    "": "各表的数据分级与敏感字段 | The grade of each mart and its sensitive columns",
    "mart": "数据表 | Mart",
    "grade": "级别（general 一般、important 重要、core 核心） | Grade: general, important or core",
    "column_name": "敏感字段（空为整表） | Sensitive column; empty in the row of the mart itself",
    "sensitive": "敏感类别（personal、network、document） | Why it is sensitive: personal, network or document",
    "is_hidden": "本文件中是否隐去 | Whether it is hidden in this file",
}
_BY_DAY = "local_date"
_DAY_COLUMNS = (_BY_DAY, "period_start_at", "month")


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
    _replace(folder / MARTS, area, manifest, Content(manifest.marts, _SMALL_ROWS))


def open_sealed(folder: Path, area: Path, manifest: Manifest) -> None:
    """Replace marts_bi.duckdb: the marts that dashboards draw, as tables without any outside file."""
    drawn = {name: mart for name, mart in manifest.marts.items() if mart.bi}
    _replace(folder / SEALED, area, manifest, Content(drawn, is_bounded=True, door=grades.DASHBOARDS))


def open_own(door: Path, area: Path, manifest: Manifest, only: Mapping[str, str]) -> None:
    """Replace a file of tables that holds of the marts in `only` the rows for which its condition holds."""
    mine = {name: mart for name, mart in manifest.marts.items() if name in only}
    _replace(door, area, manifest, Content(mine, only=only, door=grades.TENANTS))


@dataclass(frozen=True)
class Content:
    """What a door shows: marts with more rows than `most_rows` as views, all as tables where that is None.

    Of each mart the last days alone (`bi_days`) where it is bounded, or the rows for which its condition in `only`
    holds. `door` names whose readers see the file, and so what is hidden in it; nothing is in the operator's.
    """

    marts: Mapping[str, Mart]
    most_rows: int | None = None
    is_bounded: bool = False
    only: Mapping[str, str] | None = None
    door: str | None = None

    def hidden(self, name: str) -> frozenset[str]:
        """Return the columns of a mart that are hidden."""
        return grades.hidden(self.door, name, self.marts[name].sensitive) if self.door else frozenset()

    @property
    def graded(self) -> list[tuple[str, str, str | None, str | None, bool]]:
        """The rows of `data_grades`: a mart, its grade, a sensitive column with its kind, whether it is hidden here."""
        return [
            (name, mart.grade, column, kind, column in self.hidden(name))
            for name, mart in sorted(self.marts.items())
            for column, kind in [(None, None), *sorted(mart.sensitive.items())]
        ]

    def kind(self, mart: Mart) -> str:
        """Return what a mart is in the door."""
        return "view" if self.most_rows is not None and mart.rows > self.most_rows else "table"

    @property
    def conditions(self) -> str:
        """The conditions as the door tells them: by them it is known whether its rows can be carried on."""
        return json.dumps(self.only, ensure_ascii=False, sort_keys=True)


def _replace(door: Path, area: Path, manifest: Manifest, content: Content) -> None:
    marts = content.marts
    incoming = door.with_name(f".{door.name}.{manifest.number}.incoming")
    incoming.unlink(missing_ok=True)
    before = _shown(door, area, manifest, content)
    if before:
        shutil.copyfile(door, incoming)
    with connected() as con:
        con.execute(f"attach '{_quoted(str(incoming))}' as door (storage_version '{STORAGE_VERSION}')")
        con.execute("use door")
        con.execute("begin")  # one transaction: a comment by itself costs a flush of the file
        con.execute("drop table if exists main.publication")
        con.execute("drop table if exists main.conditions")
        con.execute("drop table if exists main.data_grades")
        _tell(con, manifest)
        _grade(con, content)
        if content.only is not None:
            con.execute("create table main.conditions as select $told as told", {"told": content.conditions})
            _comment(con, "table", "main.conditions", _CONDITIONS)
        present = _present(con)
        for name in present.keys() - marts.keys():
            con.execute(f"drop {present[name]} {quoted_name(name)}")
        for name, mart in sorted(marts.items()):
            con.execute(f'create schema if not exists "{name.split(".")[0]}"')
            kind = content.kind(mart)
            same_table = present.get(name) == kind == "table" and name in before
            rows = rows_of(area, name, mart, content.hidden(name))
            bound = content.only[name] if content.only else _bound(con, rows, mart) if content.is_bounded else None
            if not (same_table and _is_brought_up(con, area, name, (before[name], mart), (rows, bound))):
                if name in present:
                    con.execute(f"drop {present[name]} {quoted_name(name)}")
                _make(con, kind, name, mart, (rows, bound))
        con.execute("commit")
        con.execute("use memory")
        con.execute("checkpoint door")
        con.execute("detach door")
    incoming.replace(door)


def _shown(door: Path, area: Path, manifest: Manifest, content: Content) -> Mapping[str, Mart]:
    """Return the marts of the publication that a door shows, where it is the one before and can be carried on."""
    last = number(door)
    if last is None or last != manifest.number - 1 or last not in manifests.numbers(area):
        return {}
    if _graded(door) != content.graded:
        return {}
    if content.only is not None:
        with duckdb.connect(str(door), read_only=True) as con:
            if con.execute("select told from conditions").fetchall() != [(content.conditions,)]:
                return {}
    return manifests.read(area, last).marts


def _present(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return what stands in the door: name to `table` or `view`."""
    rows = con.execute(
        "select schema_name || '.' || table_name, 'table' from duckdb_tables() where database_name = 'door' "
        "and schema_name <> 'main' union all select schema_name || '.' || view_name, 'view' from duckdb_views() "
        "where database_name = 'door' and not internal and schema_name <> 'main'"
    ).fetchall()
    return dict(rows)


def _make(con: duckdb.DuckDBPyConnection, kind: str, name: str, mart: Mart, rows: tuple[str, str | None]) -> None:
    """Make a table or view of the rows of a mart: the query, and the condition on the days that are kept of it."""
    query, bound = rows
    # in the order of days, so that the next publication's days lie together
    kept = f" where {bound} order by {_BY_DAY if _BY_DAY in mart.columns else 1}" if bound else ""
    con.execute(f"create {kind} {quoted_name(name)} as {query}{kept}")
    present = {"", *mart.columns}
    _comment(con, kind, name, {column: text for column, text in mart.comments.items() if column in present})


def _is_brought_up(
    con: duckdb.DuckDBPyConnection, area: Path, name: str, marts: tuple[Mart, Mart], rows: tuple[str, str | None]
) -> bool:
    """Bring a table of the last publication to this one, by days; return False where it has to be made anew."""
    (old, mart), (query, bound) = marts, rows
    shape = (old.columns, old.comments, old.bi_days, old.partition_by)
    if shape != (mart.columns, mart.comments, mart.bi_days, mart.partition_by):
        return False
    changed = sorted(set(old.files) ^ set(mart.files))
    if not changed:
        return True
    folder = area / name.replace(".", "/")
    paths = [folder / path for path in changed]
    if _BY_DAY not in mart.columns or not mart.partition_by or not mart.files or not all(map(Path.exists, paths)):
        return False
    table, days = quoted_name(name), _days_of(con, paths)
    if days is None:
        return False
    con.execute(f"delete from {table} where ({days})" + (f" or not ({bound})" if bound else ""))
    con.execute(f"insert into {table} {query} where ({days})" + (f" and {bound}" if bound else ""))
    return True


def _days_of(con: duckdb.DuckDBPyConnection, paths: list[Path]) -> str | None:
    """Return the condition on the days that these files hold, from their statistics; None where a file has none."""
    listed = ", ".join(f"'{_quoted(str(path))}'" for path in paths)
    spans = con.execute(
        "select distinct cast(min(stats_min_value) as date), cast(max(stats_max_value) as date), "
        f"2 * count(*) - count(stats_min_value) - count(stats_max_value) from parquet_metadata([{listed}]) "
        "where path_in_schema = $column group by file_name",
        {"column": _BY_DAY},
    ).fetchall()
    if not spans or any(unknown for _, _, unknown in spans):
        return None
    return " or ".join(f"{_BY_DAY} between date '{first}' and date '{last}'" for first, last, _ in spans)


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


def _grade(con: duckdb.DuckDBPyConnection, content: Content) -> None:
    con.execute(
        "create table data_grades (mart varchar, grade varchar, column_name varchar, sensitive varchar, "
        "is_hidden boolean)"
    )
    con.executemany("insert into data_grades values (?, ?, ?, ?, ?)", content.graded)
    _comment(con, "table", "main.data_grades", _GRADES)


def _graded(door: Path) -> list[tuple[str, str, str | None, str | None, bool]] | None:
    """Return how a door grades what it holds; None where it was made before anything was graded."""
    with duckdb.connect(str(door), read_only=True) as con:
        if not con.execute("select 1 from duckdb_tables() where table_name = 'data_grades'").fetchall():
            return None
        return con.execute("from data_grades order by mart, column_name nulls first").fetchall()


def rows_of(area: Path, name: str, mart: Mart, hidden: Collection[str] = ()) -> str:
    """Return the query for the rows of a mart of a publication."""
    folder = area / name.replace(".", "/")
    columns = grades.selected(mart.columns, hidden)
    if not mart.files:  # built, and without a row: its columns are in the table's schema
        return f"select {columns} from ({buildviews.nothing(DeltaTable(folder).schema().to_arrow())})"
    listed = ", ".join(f"'{_quoted(str(folder / path))}'" for path in mart.files)
    hive = f", hive_partitioning = true, hive_types = {{'{mart.partition_by}': date}}" if mart.partition_by else ""
    return f"select {columns} from read_parquet([{listed}]{hive})"


def _bound(con: duckdb.DuckDBPyConnection, rows: str, mart: Mart) -> str | None:
    """Return the condition on the last days of a mart that is too large to copy whole; None where all is copied."""
    if not mart.bi_days:
        return None
    column = next(column for column in _DAY_COLUMNS if column in mart.columns)
    found = con.execute(f'select max("{column}"), typeof(max("{column}")) from ({rows})').fetchone()
    if found is None or found[0] is None:
        return None
    newest, kind = found
    # a bound of the column's own type, and one of the partitions: files that hold only older rows are not opened
    bound = f"cast(cast('{newest}' as {kind}) - interval {mart.bi_days} day as {kind})"
    months = f" and {mart.partition_by} >= cast(date_trunc('month', {bound} - interval 1 day) as date)"
    return f'"{column}" > {bound}' + (months if mart.partition_by else "")


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
