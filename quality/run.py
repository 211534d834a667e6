"""Runs suites: SQL makes a small table, Great Expectations judges it. No other module imports that library."""

import logging
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from quality import tables
from quality.deferred import deferred
from quality.suite import Expectation, Result, Suite

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: What it imports for its drawings and its tests of distributions, half of its start; the suites have neither.
_UNUSED = ("altair", "scipy.stats")


def judge(suites: Sequence[Suite], connection: "DuckDBPyConnection", rebuilt: str = "true") -> list[Result]:
    """Judge every suite whose relations exist; `rebuilt` is the SQL condition on `month` for what a run rebuilt."""
    present = [suite for suite in suites if all(tables.exists(connection, name) for name in suite.needs)]
    if not present:
        return []
    results: list[Result] = []
    with _silence():
        source = _source()
        for suite in present:
            table = connection.execute(suite.sql.replace("{rebuilt}", rebuilt)).df()
            results += _judged(source, suite, table)
    return results


@contextmanager
def _silence() -> Iterator[None]:
    """Keep the library from phoning home, warning and chattering."""
    os.environ["GX_ANALYTICS_ENABLED"] = "False"
    logger = logging.getLogger("great_expectations")
    level = logger.level
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            logger.setLevel(level)


def _source() -> Any:  # noqa: ANN401 - the library's own data source
    with deferred(*_UNUSED):
        import great_expectations as gx
        from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context.data_sources.add_pandas("small_tables")


def _judged(source: Any, suite: Suite, table: Any) -> Iterator[Result]:  # noqa: ANN401 - the library's own types
    """Yield the result of each expectation of a suite on its table."""
    import great_expectations as gx

    asset = source.add_dataframe_asset(suite.name)
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": table})
    by_name = {expectation.name: expectation for expectation in suite.expectations}
    expectations = [_expectation(gx, expectation) for expectation in suite.expectations]
    validated = batch.validate(gx.ExpectationSuite(name=suite.name, expectations=expectations))
    checked_at = datetime.now(UTC)
    for result in validated.results:
        expectation = by_name[result.expectation_config.meta["name"]]
        yield Result(suite, expectation, bool(result.success), _observed(table, expectation, result), checked_at)


def _expectation(gx: Any, expectation: Expectation) -> Any:  # noqa: ANN401 - the library's own types
    arguments: dict[str, object] = dict(expectation.arguments)
    if expectation.at_least is not None:
        arguments["min_value"] = expectation.at_least
    if expectation.at_most is not None:
        arguments["max_value"] = expectation.at_most
    meta = {"name": expectation.name, "why": expectation.why_en, "why_zh": expectation.why_zh}
    return getattr(gx.expectations, expectation.kind)(column=expectation.column, meta=meta, **arguments)


def _observed(table: Any, expectation: Expectation, result: Any) -> str | None:  # noqa: ANN401
    """Return the worst value of the column, or why the library could not judge it."""
    info: Mapping[str, Any] = result.exception_info or {}
    if info.get("raised_exception"):
        return str(info.get("exception_message"))
    values = table[expectation.column].dropna()
    if values.empty:
        return None
    worst = values.min() if expectation.at_most is None and expectation.at_least is not None else values.max()
    if expectation.at_least is not None and values.min() < expectation.at_least:
        worst = values.min()
    return f"{worst:.12g}" if isinstance(worst, int | float) else str(worst)
