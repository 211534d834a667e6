"""The marts that are made here and not by SQL models: quality.checks, quality.findings and quality.meter_trust."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from lake import described as pages
from quality.suite import Result

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

UTC = pa.timestamp("us", tz="UTC")
PAGE = Path(__file__).with_name("marts.yaml")

CHECKS = pa.schema(
    [
        pa.field("suite", pa.string(), nullable=False),
        pa.field("expectation", pa.string(), nullable=False),
        pa.field("mart", pa.string(), nullable=False),
        pa.field("name_zh", pa.string(), nullable=False),
        pa.field("name_en", pa.string(), nullable=False),
        pa.field("passed", pa.bool_(), nullable=False),
        pa.field("is_blocking", pa.bool_(), nullable=False),
        pa.field("observed", pa.string()),
        pa.field("expected", pa.string(), nullable=False),
        pa.field("why_zh", pa.string(), nullable=False),
        pa.field("why_en", pa.string(), nullable=False),
        pa.field("outcome_name_zh", pa.string(), nullable=False),
        pa.field("outcome_name_en", pa.string(), nullable=False),
        pa.field("checked_at", UTC, nullable=False),
        pa.field("run_id", pa.string(), nullable=False),
    ]
)

#: The texts of a finding that are copied as they are.
FINDING_TEXTS = (
    "kind",
    "kind_name_zh",
    "kind_name_en",
    "severity",
    "source",
    "subject",
    "message_zh",
    "message_en",
)

FINDINGS = pa.schema(
    [
        pa.field("finding_id", pa.string(), nullable=False),
        *[pa.field(name, pa.string(), nullable=False) for name in FINDING_TEXTS],
        pa.field("organization_id", pa.string()),
        pa.field("energy_unit_id", pa.string()),
        pa.field("evidence", pa.string(), nullable=False),
        pa.field("energy_at_stake_gj", pa.decimal128(18, 6)),
        pa.field("energy_tce_calorific", pa.decimal128(18, 6)),
        pa.field("owner", pa.string()),
        pa.field("state", pa.string(), nullable=False),
        pa.field("closed_by", pa.string()),
        pa.field("closing_reason", pa.string()),
        pa.field("first_seen_at", UTC, nullable=False),
        pa.field("found_at", UTC, nullable=False),
        pa.field("closed_at", UTC),
        pa.field("run_id", pa.string(), nullable=False),
    ]
)

METER_TRUST = pa.schema(
    [
        pa.field("meter_id", pa.string(), nullable=False),
        pa.field("month", pa.date32(), nullable=False),
        pa.field("organization_id", pa.string(), nullable=False),
        pa.field("organization_name_zh", pa.string(), nullable=False),
        pa.field("organization_name_en", pa.string(), nullable=False),
        pa.field("energy_unit_id", pa.string(), nullable=False),
        pa.field("energy_unit_name_zh", pa.string(), nullable=False),
        pa.field("energy_unit_name_en", pa.string(), nullable=False),
        pa.field("carrier", pa.string()),
        pa.field("model", pa.string()),
        pa.field("accuracy_class", pa.string()),
        pa.field("calibrated_on", pa.date32()),
        pa.field("calibration_due_on", pa.date32()),
        pa.field("calibration_state", pa.string(), nullable=False),
        pa.field("expected", pa.int64()),
        pa.field("received", pa.int64()),
        pa.field("missing_count", pa.int64()),
        pa.field("estimated_count", pa.int64()),
        pa.field("completeness_ratio", pa.float64()),
        pa.field("last_seen_at", UTC),
        pa.field("point_id", pa.string()),
        pa.field("limit_ratio", pa.float64()),
        pa.field("error_ratio", pa.float64()),
        pa.field("error_statistic", pa.float64()),
        pa.field("drift_ratio", pa.float64()),
        pa.field("imbalance_share_ratio", pa.float64()),
        pa.field("is_suspect", pa.bool_(), nullable=False),
        pa.field("equally_likely", pa.string()),
        pa.field("is_latest", pa.bool_(), nullable=False),
        pa.field("verdict", pa.string(), nullable=False),
        pa.field("verdict_name_zh", pa.string(), nullable=False),
        pa.field("verdict_name_en", pa.string(), nullable=False),
    ]
)


def checks(results: Sequence[Result], run_id: str) -> pa.Table:
    """Return the results of a run as rows of quality.checks."""
    records = [
        {
            "suite": result.suite.name,
            "expectation": result.expectation.name,
            "mart": result.suite.mart,
            "name_zh": result.expectation.name_zh,
            "name_en": result.expectation.name_en,
            "passed": result.passed,
            "is_blocking": result.expectation.is_blocking,
            "observed": result.observed,
            "expected": result.expectation.expected,
            "why_zh": result.expectation.why_zh,
            "why_en": result.expectation.why_en,
            "outcome_name_zh": "通过" if result.passed else "未通过",
            "outcome_name_en": "passed" if result.passed else "failed",
            "checked_at": result.checked_at,
            "run_id": run_id,
        }
        for result in results
    ]
    return pa.Table.from_pylist(records, schema=CHECKS)


def exists(connection: "DuckDBPyConnection", relation: str) -> bool:
    """Whether a table or view is there; `relation` is a name or schema.name."""
    schema, _, name = relation.rpartition(".")
    found = connection.execute(
        "select count(*) from information_schema.tables where table_name = ? and (? = '' or table_schema = ?)",
        [name, schema, schema],
    ).fetchall()
    return bool(found[0][0])


def described() -> dict[str, dict[str, Any]]:
    """Return what marts.yaml says of each mart: zh, en, and columns with zh and en."""
    return pages.marts(PAGE)


def comments(mart: str) -> dict[str, str]:
    """Return the comment of each column in both languages; the empty name is the mart's own."""
    return pages.comments(PAGE, mart)


def tags(mart: str) -> dict[str, Any]:
    """Return the grade of a mart, and the kinds of its sensitive columns."""
    return pages.tags(PAGE, mart)
