"""The marts that are built have the columns that the contract promises, typed, described and in their order."""

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from lake import models
from lake.vocabulary import marts
from methods.alerts.rows import ALERTS
from methods.benchmarks.tables import ASSESSMENT, BENCHMARKS
from methods.budgets.tables import FORECAST, STATUS
from methods.dispatch import rows as dispatch
from methods.drivers.rows import DRIVERS
from methods.flows.tables import BALANCE, FLOW_LINKS
from methods.footprint import tables as footprint
from methods.matching.tables import ANNUAL, HOURLY
from methods.origins.rows import ORIGINS
from methods.quota.tables import QUOTA
from methods.reconciliation.tables import BALANCE_NAMES, BALANCES_DAILY, INTERVALS_RECONCILED
from quality.tables import CHECKS, FINDINGS, METER_TRUST

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # it warns of a helper that another library brings along
    import sqlglot
    from sqlglot import exp

ROOT = Path(__file__).resolve().parents[2]
PROMISED: dict[str, list[str]] = YAML(typ="safe").load((ROOT / "tests/fixtures/contract_marts.yaml").read_text("utf-8"))
MADE_IN_PYTHON = {
    "carbon.budget_status_monthly": STATUS.names,
    "carbon.certificate_matching_annual": ANNUAL.names,
    "carbon.certificate_matching_hourly": HOURLY.names,
    "carbon.quota_forecast": QUOTA.names,
    "energy.alerts": ALERTS.names,
    "energy.budget_status_monthly": STATUS.names,
    "energy.forecast_daily": FORECAST.names,
    "energy.balance_monthly": BALANCE.names,
    "energy.benchmarks_monthly": BENCHMARKS.names,
    **{mart: schema.names for mart, schema in dispatch.MARTS.items()},
    "energy.drivers_monthly": DRIVERS.names,
    "energy.electricity_origins_monthly": ORIGINS.names,
    "energy.flow_links_monthly": FLOW_LINKS.names,
    "energy.intervals_reconciled": INTERVALS_RECONCILED.names,
    "energy.target_assessment_annual": ASSESSMENT.names,
    **{mart: schema.names for mart, schema in footprint.MARTS.items()},
    "quality.balances_daily": [*BALANCES_DAILY.names, *BALANCE_NAMES],
    "quality.checks": CHECKS.names,
    "quality.findings": FINDINGS.names,
    "quality.meter_trust": METER_TRUST.names,
}


VARIABLES = {"months": ["2025-01-01"], "whole": [], "run_id": "compiled"}


@pytest.fixture(scope="module")
def compiled_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every model's statement as dbt compiles it, with an empty environment and no database."""
    target = tmp_path_factory.mktemp("compiled")
    project = ROOT / "dbt_project"
    places = ["--project-dir", str(project), "--profiles-dir", str(project), "--target-path", str(target)]
    command = [Path(sys.executable).with_name("dbt"), "compile", *places, "--log-path", str(target), "--no-introspect"]
    environment = {"PATH": os.environ["PATH"], "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    command += ["--vars", json.dumps(VARIABLES)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return target / "compiled/nengtan/models"


@pytest.fixture(scope="module")
def compiled(compiled_folder: Path) -> dict[str, exp.Select]:
    """Every mart's statement."""
    folder = compiled_folder / "marts"
    statements = {}
    for path in folder.rglob("*.sql"):
        schema, model = path.relative_to(folder).with_suffix("").parts
        name = f"{schema}.{model.removeprefix(f'{schema}_')}"  # two schemas may have tables of one name
        statements[name] = sqlglot.parse_one(path.read_text("utf-8"), dialect="duckdb")
    assert len(statements) >= 19
    return statements


def output(statement: exp.Select) -> list[Any]:
    return list(statement.selects)


def test_the_promised_columns_are_there(compiled):
    built = {name: [column.alias_or_name for column in output(sql)] for name, sql in compiled.items()}
    built |= MADE_IN_PYTHON
    checked = [name for name in PROMISED if name in built]
    assert len(checked) >= 19
    missing = {name: [column for column in PROMISED[name] if column not in built[name]] for name in checked}
    assert {name: columns for name, columns in missing.items() if columns} == {}


def test_described_columns_are_the_columns(compiled):
    for name, statement in compiled.items():
        described = [column.name for column in marts()[name].columns]
        assert described == [column.alias_or_name for column in output(statement)], name


def test_every_output_column_is_cast_to_its_type_or_a_category(compiled):
    named = models.read(ROOT / "dbt_project").by_name.values()
    categories = {"quality", *(column for model in named for column in model.categories)}
    bare = {
        name: [
            column.alias_or_name
            for column in output(sql)
            if not isinstance(column.unalias(), exp.Cast)
            and not (isinstance(column.unalias(), exp.Column) and column.unalias().name in categories)
        ]
        for name, sql in compiled.items()
    }
    assert len(categories) > 15
    assert {name: columns for name, columns in bare.items() if columns} == {}


def test_declared_numbers_are_decimals(compiled):
    kinds = {exp.DataType.Type.FLOAT, exp.DataType.Type.DOUBLE}
    looked_at = 0
    for name, statement in compiled.items():
        for column in output(statement):
            cast = column.unalias()
            if isinstance(cast, exp.Column):  # a category: words
                continue
            looked_at += 1
            assert cast.to.this not in kinds, f"{name}.{column.alias_or_name}"
            if marts()[name].columns and column.alias_or_name.endswith(
                ("_tco2", "_tco2e", "_cny", "_gj", "_calorific")
            ):
                assert cast.to.this is exp.DataType.Type.DECIMAL, f"{name}.{column.alias_or_name}"
    assert looked_at >= 250


def test_a_time_series_has_its_period(compiled):
    period = {"hourly": "period_start_at", "daily": "local_date", "monthly": "month"}
    looked_at = 0
    for name, statement in compiled.items():
        grain = name.rsplit("_", 1)[-1]
        if grain in period:
            looked_at += 1
            assert period[grain] in [column.alias_or_name for column in output(statement)], name
    assert looked_at >= 7
