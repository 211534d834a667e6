"""The suites as asset checks: one step, because the library that judges is heavy to load."""

import time
from collections.abc import Iterator, Sequence

import dagster as dg

from assets.work import LOG, Work
from quality import findings, run
from quality.suite import Expectation, Result, Suite

#: The raw door is judged on the batches that arrived.
_DOORS = {"raw.batch": dg.AssetKey(["quality", "sources"])}


def checks_definition(suites: Sequence[Suite], marts: set[str]) -> dg.AssetChecksDefinition:
    """Return the checks of every suite whose mart exists; a failed blocking one keeps the old publication."""
    known = [suite for suite in suites if suite.mart in marts or suite.mart in _DOORS]
    specs = [_spec(suite, expectation) for suite in known for expectation in suite.expectations]

    @dg.multi_asset_check(name="checks", specs=specs)
    def judge(work: dg.ResourceParam[Work]) -> Iterator[dg.AssetCheckResult]:
        judge_all(work, known)
        for result in work.results:
            yield _result(result)
        left_out = {spec.key for spec in specs} - {_key(result.suite, result.expectation) for result in work.results}
        for key in sorted(left_out, key=str):
            metadata = {"observed": "not judged: what it needs is not built yet"}
            yield dg.AssetCheckResult(asset_key=key.asset_key, check_name=key.name, passed=True, metadata=metadata)

    return judge


def judge_all(work: Work, suites: Sequence[Suite]) -> None:
    """Look for findings in what a run built and judge the suites on it."""
    used = time.process_time()
    with work.looking() as connection:
        work.findings = findings.find(connection)
        work.results = run.judge(suites, connection, work.rebuilt({need for suite in suites for need in suite.needs}))
    LOG.info("%s; judged in %.2f CPU-s", summary(work.results), time.process_time() - used)


def summary(results: Sequence[Result]) -> str:
    """Say how many checks passed and which did not."""
    failed = [result for result in results if not result.passed]
    told = f"{len(results) - len(failed)} checks passed"
    for result in failed:
        kind = "BLOCKING " if result.expectation.is_blocking else ""
        name = f"{result.expectation.name_zh} {result.expectation.name_en}"
        told += (
            f"; {kind}failed: {name} ({result.suite.mart}: {result.observed}, expected {result.expectation.expected})"
        )
    return told


def _asset(suite: Suite) -> dg.AssetKey:
    return _DOORS.get(suite.mart) or dg.AssetKey(suite.mart.split("."))


def _key(suite: Suite, expectation: Expectation) -> dg.AssetCheckKey:
    return dg.AssetCheckKey(_asset(suite), expectation.name)


def _spec(suite: Suite, expectation: Expectation) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        expectation.name,
        asset=_asset(suite),
        description=f"{expectation.name_zh}：{expectation.why_zh} | {expectation.name_en}: {expectation.why_en}",
        blocking=expectation.is_blocking,
        metadata={"suite": suite.name, "expected": expectation.expected},
    )


def _result(result: Result) -> dg.AssetCheckResult:
    blocking = result.expectation.is_blocking
    return dg.AssetCheckResult(
        asset_key=_asset(result.suite),
        check_name=result.expectation.name,
        passed=result.passed,
        severity=dg.AssetCheckSeverity.ERROR if blocking else dg.AssetCheckSeverity.WARN,
        metadata={"observed": result.observed or "nothing", "expected": result.expectation.expected},
    )
