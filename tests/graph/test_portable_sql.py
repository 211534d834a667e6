"""The linter for portable SQL: passes on the project, and every rule is seen to bite; the harmless is left alone."""

import subprocess
import sys
from pathlib import Path

import pytest

from scripts.portable_sql import PROJECT, RULES, files, findings

BITES = {
    "qualify": "select a from t qualify row_number() over (order by a) = 1",
    "recursive": "with recursive tree as (select 1) select * from tree",
    "asof": "select 1 from a asof join b on a.t >= b.t",
    "lateral": "select 1 from a, lateral (select 2)",
    "group_by_all": "select a, sum(b) from t group by all",
    "order_by_all": "select a from t order by all",
    "except": "select * exclude (a) from t",
    "double_colon": "select a::date from t",
    "list_comprehension": "select [x + 1 for x in b]",
    "list_or_struct": "select [1, 2]",
    "time_bucket": "select time_bucket(interval '1' hour, t)",
    "generate_series": "select * from generate_series(1, 3)",
    "arg_max": "select arg_max(a, b) from t",
    "at_time_zone": "select t at time zone 'UTC'",
    "hash": "select md5(a) from t",
    "median": "select median(a) from t",
    "float": "select cast(a as double) from t",
    "varchar": "select cast(a as varchar) from t",
    "timestamptz": "select cast(a as timestamp with time zone) from t",
    "hugeint": "select cast(a as hugeint) from t",
    "division": "select a / b from t",
    "integer_division": "select a // b from t",
    "concat": "select concat(a, b) from t",
    "now": "select current_date",
    "string_agg": "select string_agg(a, ',') from t",
    "semi_join": "select 1 from a semi join b on a.i = b.i",
    "union_by_name": "select 1 as a union all by name select 2 as a",
    "pivot": "pivot t on a using sum(b)",
    "sample": "select a from t using sample 10",
    "files": "select * from read_parquet('x.parquet')",
}

HARMLESS = """
-- a comment may say median(x), a::b and a / b
{# and a Jinja comment qualify #}
{{ config(order_by=['a', 'b']) }}
select
    cast('a / b :: text qualify' as string) as words,
    cast({{ divide_decimal('a', 'b') }} as decimal(18, 6)) as share,
    count(*) as rows_count
from {{ ref('parent') }}
where month >= date '2025-01-01' and kind in ('register', 'interval')
{% if var('months') == 'all' %} and true {% endif %}
"""


def test_the_project_is_portable():
    found = [finding for path in files() for finding in findings(path, path.read_text(encoding="utf-8"))]
    assert [str(finding) for finding in found] == []
    assert len(files()) >= 60


def test_every_rule_has_a_case():
    assert set(BITES) == set(RULES)


@pytest.mark.parametrize(("rule", "sql"), BITES.items())
def test_a_rule_bites(rule, sql):
    assert rule in {finding.rule for finding in findings(Path("model.sql"), f"-- model\n{sql}\n")}


def test_the_line_is_named():
    sql = "{#\na comment\n#}\nselect\n    a::date\nfrom t\n"
    assert [str(finding).split(" is not")[0] for finding in findings(Path("model.sql"), sql)] == [
        "model.sql:5: double_colon: `::`"
    ]


def test_the_harmless_is_left_alone():
    assert list(findings(Path("model.sql"), HARMLESS)) == []


def test_an_engine_may_speak_its_own_tongue_in_its_own_macro():
    own = "{% macro duckdb__hour(t) %}epoch_us({{ t }}) // 3600{% endmacro %}\n"
    assert list(findings(Path("macro.sql"), own)) == []
    assert list(findings(Path("macro.sql"), own.replace("duckdb__", "")))


def test_the_command_says_where_and_fails(tmp_path):
    bad = tmp_path / "bad.sql"
    bad.write_text("select a::date from t\n", encoding="utf-8")
    script = PROJECT.parent / "scripts/portable_sql.py"
    done = subprocess.run([sys.executable, script, bad], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"{bad}:1: double_colon" in done.stderr
