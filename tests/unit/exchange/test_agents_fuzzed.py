"""Whatever an agent sends is answered with its own rows or refused in one sentence; nothing breaks inside."""

import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange import agents
from lake.errors import LakeError
from tests.fuzzing import mutated

STATEMENTS = (
    "select organization_id, sum(quantity) as q from energy.consumption_monthly group by 1 order by 1 limit 3",
    "with t as (from energy.consumption_monthly) select *, '钢' as w from t where month >= date '2025-01-02'",
    "select * from read_csv('/etc/passwd'), energy.consumption_monthly as m, reference.organizations as o",
    "from query('select 1'); from query_table('energy.consumption_monthly')",
    "pivot energy.consumption_monthly on organization_id using sum(quantity)",
    "select getenv('HOME'), current_setting('threads'), duckdb_secrets()",
)


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("agents") / "marts.duckdb"
    with duckdb.connect(str(file)) as door:
        door.execute("create schema reference; create schema energy")
        door.execute(
            "create table reference.organizations as "
            "from (values ('park', null), ('mill', 'park'), ('steel', 'park')) as t (organization_id, parent_id)"
        )
        door.execute(
            "create table energy.consumption_monthly as select organization_id, day::date as month, 7.125 as quantity "
            "from reference.organizations, range(date '2025-01-01', date '2025-01-09', interval 1 day) as days (day)"
        )
    return file


def _answered(ask: Callable[[], object]) -> bool:
    try:
        told = json.dumps(ask(), ensure_ascii=False)
    except LakeError as refused:
        assert "\n" not in str(refused)
        return False
    assert "steel" not in told or "'steel'" in told, "rows of a neighbour"
    return True


def test_a_statement_that_was_damaged_is_answered_or_refused(marts: Path) -> None:
    texts = [statement.encode() for statement in STATEMENTS]
    asked = [content.decode("utf-8", errors="surrogateescape") for content in mutated(texts, 60)]
    answered = [_answered(lambda text=text: agents.answer(marts, "mill", text)) for text in (*STATEMENTS, *asked)]
    assert 2 <= sum(answered) < len(answered) - 10


@settings(max_examples=15)
@given(st.text(), st.integers(-(2**70), 2**70))
def test_any_text_is_answered_or_refused(marts: Path, text: str, most: int) -> None:
    _answered(lambda: agents.answer(marts, "mill", text, most))
    _answered(lambda: agents.columns(marts, "mill", text))
    assert not _answered(lambda: agents.marts(marts, f"{text}?"))
