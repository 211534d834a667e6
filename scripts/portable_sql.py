"""Refuses SQL that only one engine understands, or that two engines answer differently.

    python scripts/portable_sql.py [FILE …]

Looks at the models, tests and macros of dbt_project after Jinja and comments are blanked out. What one engine needs for
itself stands in a dispatched macro (`default__…`, `duckdb__…`, `spark__…`) and is not looked at.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent / "dbt_project"

#: What is refused: a pattern over the blanked text, and what to write instead.
RULES: dict[str, tuple[str, str]] = {
    "qualify": (r"\bqualify\b", "number the rows in a sub-query and filter outside"),
    "recursive": (r"\bwith\s+recursive\b", "join the closure table"),
    "asof": (r"\basof\b", "join on [valid_from, valid_to)"),
    "lateral": (r"\blateral\b", "join, or aggregate in a sub-query"),
    "group_by_all": (r"\bgroup\s+by\s+all\b", "name the columns"),
    "order_by_all": (r"\border\s+by\s+all\b", "name the columns"),
    "except": (
        r"\bexcept\b|\bexclude\b|\breplace\s*\(\s*[^'\s]+\s+as\b",
        "name the columns, or join and test for null",
    ),
    "double_colon": (r"::", "cast(… as …)"),
    "list_comprehension": (r"\[[^\]]*\bfor\b[^\]]*\bin\b", "use rows"),
    "list_or_struct": (r"(?<![\w\]])\[\s*(?:'|\d)|\{\s*'", "use rows"),
    "time_bucket": (r"\btime_bucket\s*\(", "integer epoch arithmetic: epoch_us and integer_divide"),
    "generate_series": (r"\b(?:generate_series|range|unnest|explode)\s*\(", "join the table of numbers"),
    "arg_max": (r"\barg_(?:max|min)\s*\(|\b(?:max|min)_by\s*\(", "number the rows in a sub-query and filter outside"),
    "at_time_zone": (r"\bat\s+time\s+zone\b|\btimezone\s*\(", "the macro local_date, or the calendar of hours"),
    "hash": (r"\b(?:hash|md5|sha1|sha256|xxhash64)\s*\(", "join the parts of the key as text"),
    "median": (
        r"\b(?:median|quantile\w*|percentile\w*|mode|approx_\w+)\s*\(",
        "no engine's statistic in a declared number",
    ),
    "float": (r"\b(?:double|float|float4|float8|real)\b|\d[eE][+-]?\d", "decimal with an explicit scale"),
    "varchar": (r"\b(?:varchar|text)\b", "string: Spark wants a length for varchar"),
    "timestamptz": (r"\btimestamptz\b|\btimestamp\s+with\s+time\s+zone\b", "the macro instant_type"),
    "hugeint": (r"\b(?:hugeint|uhugeint|uinteger|ubigint)\b", "bigint or decimal"),
    "division": (r"(?<![/*'])/(?![/*'])", "the macros divide_decimal and integer_divide"),
    "integer_division": (r"//", "the macro integer_divide"),
    "concat": (r"\bconcat(?:_ws)?\s*\(", "||: concat drops NULL on one engine and returns it on the other"),
    "now": (r"\b(?:now|random|uuid)\s*\(|\bcurrent_(?:date|timestamp|time)\b", "a value that the run passes in"),
    "string_agg": (r"\b(?:string_agg|listagg|array_agg|list)\s*\(", "rows, put together by the reader"),
    "semi_join": (r"\b(?:semi|anti|positional)\s+join\b", "exists, or join and test for null"),
    "union_by_name": (r"\bunion\s+(?:all\s+)?by\s+name\b", "name the columns in one order"),
    "pivot": (r"\b(?:unpivot|pivot)\b", "max(case when … end)"),
    "sample": (r"\b(?:using\s+sample|tablesample)\b", "no sampling"),
    "files": (r"\b(?:read_parquet|read_csv|parquet_scan|delta_scan|glob)\s*\(", "a source or ref"),
}
_COMPILED = {name: (re.compile(pattern, re.IGNORECASE), instead) for name, (pattern, instead) in RULES.items()}

_BLANKED = re.compile(r"\{#.*?#\}|\{%.*?%\}|--[^\n]*|/\*.*?\*/", re.DOTALL)
_EXPRESSION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_ENGINE_MACRO = re.compile(
    r"\{%-?\s*macro\s+(?:default|duckdb|spark)__.*?endmacro\s*-?%\}",
    re.DOTALL,
)
_TEXT = re.compile(r"'(?:[^'\n]|'')*'")


@dataclass(frozen=True)
class Finding:
    """One use of what is not portable."""

    file: Path
    line: int
    rule: str
    found: str
    instead: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.rule}: `{self.found}` is not portable; write {self.instead}"


def findings(file: Path, sql: str) -> Iterator[Finding]:
    """Yield every unportable use in one file, in order of its lines."""
    bare = _bare(sql)
    found = [
        Finding(file, bare.count("\n", 0, match.start()) + 1, rule, match.group().strip(), instead)
        for rule, (pattern, instead) in _COMPILED.items()
        for match in pattern.finditer(bare)
    ]
    yield from sorted(found, key=lambda finding: (finding.line, finding.rule))


def files() -> list[Path]:
    """Return every SQL file that both engines run."""
    found = [path for folder in ("models", "macros", "tests") for path in (PROJECT / folder).rglob("*.sql")]
    return sorted(found)


def _bare(sql: str) -> str:
    """Return the SQL with engine macros, Jinja, comments and literals blanked, every line in its place."""
    for pattern, stand_in in ((_ENGINE_MACRO, ""), (_BLANKED, ""), (_EXPRESSION, "jinja"), (_TEXT, "''")):
        sql = pattern.sub(lambda match, word=stand_in: word + "\n" * match.group().count("\n"), sql)
    return sql


def main() -> int:
    """Print what is found; exit 1 where there is any, 2 where no file was looked at."""
    looked_at = [Path(name) for name in sys.argv[1:]] or files()
    if not looked_at:
        print(f"{PROJECT}: no SQL file found to check", file=sys.stderr)
        return 2
    found = [finding for path in looked_at for finding in findings(path, path.read_text(encoding="utf-8"))]
    for finding in found:
        print(finding, file=sys.stderr)
    print(f"{len(looked_at)} SQL files, {len(found)} unportable uses")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
