"""A rule that was never seen to fail is a hope: break each one on purpose, in a copy, and see the checker say no."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".venv/tools/bin"
ROOMS = ["lake", "factors", "ingestion", "quality", "methods", "exchange", "assets", "bench", "pipelines"]

pytestmark = pytest.mark.skipif(not TOOLS.exists(), reason="the tools environment is not set up: run `make lint` once")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    made = shutil.ignore_patterns("__pycache__", "raw", "payloads", "quarantine", "ref", "marts", "build", "*.duckdb")
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=made)
    shutil.copytree(ROOT / "dbt_project", tmp_path / "dbt_project", ignore=shutil.ignore_patterns("target", "logs"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts/portable_sql.py", tmp_path / "scripts/portable_sql.py")
    return tmp_path


def run(copy: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)


IMPORTS = {
    "lake/bad.py": ("ingestion.admit", "nothing imports upward"),
    "factors/bad.py": ("pipelines.settings", "nothing imports upward"),
    "ingestion/bad.py": ("quality.run", "siblings are strangers"),
    "methods/bad.py": ("quality.finding", "siblings are strangers"),
    "exchange/bad.py": ("ingestion.source", "siblings are strangers"),
    "quality/bad.py": ("dagster", "Dagster lives in assets and pipelines only"),
    "ingestion/sources/bad.py": ("ingestion.sources.modbus", "One upstream does not know another"),
}


def test_import_rules_bite(copy: Path) -> None:
    for file, (imported, _) in IMPORTS.items():
        (copy / file).write_text(f'"""Broken on purpose."""\n\nimport {imported}\n', encoding="utf-8")
    result = run(copy, str(TOOLS / "lint-imports"), "--no-cache")
    assert result.returncode == 1, result.stdout + result.stderr
    broken = [row for row in result.stdout.splitlines() if row.strip().endswith("BROKEN")]
    for file, (imported, rule) in IMPORTS.items():
        assert any(rule in row for row in broken), result.stdout
        importer = file.removesuffix(".py").replace("/", ".")
        assert f"{importer} -> {imported}" in result.stdout, result.stdout


def test_import_rules_hold_in_the_copy(copy: Path) -> None:
    assert run(copy, str(TOOLS / "lint-imports"), "--no-cache").returncode == 0


@pytest.mark.parametrize(
    "text",
    [
        "from . import schemas\n",
        "import datetime\n\nNOW = datetime.datetime.now()\n",
        "def f(x):\n    return x\n",
        "try:\n    pass\nexcept Exception:\n    pass\n",
    ],
)
def test_ruff_bites(tmp_path: Path, text: str) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    (tmp_path / "lake").mkdir()
    (tmp_path / "lake/bad.py").write_text(f'"""Broken on purpose."""\n\n{text}', encoding="utf-8")
    assert run(tmp_path, str(TOOLS / "ruff"), "check", "--no-cache", "lake/bad.py").returncode == 1


def test_sqlfmt_bites(copy: Path) -> None:
    (copy / "dbt_project/models/marts/energy/bad.sql").write_text("SELECT A FROM t\n", encoding="utf-8")
    result = run(copy, str(TOOLS / "sqlfmt"), "--check", "dbt_project/models/marts/energy")
    assert result.returncode == 1
    assert "bad.sql" in result.stdout + result.stderr


def test_mypy_bites(copy: Path) -> None:
    (copy / "lake/bad.py").write_text('"""Broken on purpose."""\n\nX: int = "one"\n', encoding="utf-8")
    python = ROOT / ".venv/pipeline/bin/python"
    result = run(copy, str(TOOLS / "mypy"), "--python-executable", str(python), "lake/bad.py")
    assert result.returncode == 1
    assert "Incompatible types" in result.stdout


CLAUSES = {
    "qualify": "select cast(a as int) as a from t qualify row_number() over (partition by a order by a) = 1",
    "double_colon": "select a::int as a from t",
    "group_by_all": "select a, count(*) as n from t group by all",
    "exclude": "select * exclude (b) from t",
    "arg_max": "select arg_max(a, b) as a from t",
    "time_bucket": "select time_bucket(interval '15 minutes', a) as a from t",
    "recursive": "with recursive r as (select 1 as a) select a from r",
}


def test_portable_sql_bites(copy: Path) -> None:
    models = copy / "dbt_project/models/marts/energy"
    for name, clause in CLAUSES.items():
        (models / f"bad_{name}.sql").write_text(clause + "\n", encoding="utf-8")
    result = run(copy, str(ROOT / ".venv/pipeline/bin/python"), "scripts/portable_sql.py")
    assert result.returncode == 1, result.stdout + result.stderr
    for name in CLAUSES:
        assert f"bad_{name}.sql" in result.stdout + result.stderr
