"""Runs the job in this process, recorded where the orchestrator's screens show it."""

import warnings
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import uuid4

import dagster as dg

from assets import months
from assets.work import Work
from lake import logs
from lake.errors import NengtanError
from pipelines import home, jobs
from pipelines.graph import definitions
from pipelines.resources import new_work
from pipelines.settings import Settings
from quality.suite import Result

_INTERRUPTED = "DagsterExecutionInterruptedError"
_SILENT = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def refresh(settings: Settings, first: date | None = None, last: date | None = None) -> Work:
    """Take in what is new, rebuild what changed and the days from `first` to `last`, check, publish.

    Returns the state of the run, also where a blocking check kept the old publication; raises NengtanError where a
    step failed otherwise, KeyboardInterrupt where somebody stopped it.
    """
    work = new_work(settings)
    tags = _tags(first, last)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        job = definitions(settings, work).resolve_job_def(jobs.refresh.name)
        run_id = str(uuid4())
        with home.instance(settings.dagster_home) as instance, logs.about(run_id=run_id):
            result = job.execute_in_process(_SILENT, instance=instance, tags=tags, raise_on_error=False, run_id=run_id)
    if not result.success and not refusals(work):
        if _is_interrupted(result):
            raise KeyboardInterrupt
        raise _explained(settings, result)
    return work


def refusals(work: Work) -> list[Result]:
    """Return the blocking checks that failed: with one of them nothing is published."""
    return [one for one in work.results if not one.passed and one.expectation.is_blocking]


def _tags(first: date | None, last: date | None) -> dict[str, str]:
    """Return the tags of a run that is asked for days; one day alone is the first and the last."""
    first, last = first or last, last or first
    return {months.FROM_TAG: first.isoformat(), months.TO_TAG: last.isoformat()} if first and last else {}


def _is_interrupted(result: dg.ExecuteInProcessResult) -> bool:
    """Whether somebody stopped the run: the orchestrator turns Ctrl-C and SIGTERM into an error of a step."""
    failed = [event.step_failure_data.error for event in result.all_events if event.is_step_failure]
    return any(_INTERRUPTED in error.cls_name for error in failed if error and error.cls_name)


def _explained(settings: Settings, result: dg.ExecuteInProcessResult) -> NengtanError:
    """Return why a run failed: the files of the lake that cannot be read, where these are behind it."""
    from lake import damage, room

    ours = _names(NengtanError)
    raised = [event.step_failure_data.error for event in result.all_events if event.is_step_failure]
    chain = [error for first in raised if first for error in _chain(first)]
    if any(error.cls_name in ours for error in chain):
        return NengtanError(_why(result))
    said = " ".join(error.message for error in chain)
    known = room.explained(settings.lake, said) or damage.explained(settings.lake)
    return known or NengtanError(_why(result))


def _why(result: dg.ExecuteInProcessResult) -> str:
    """Return the sentence of the first step that failed: our own error where there is one, else what was raised."""
    for event in result.all_events:
        if event.is_step_failure and event.step_failure_data.error:
            chain = list(_chain(event.step_failure_data.error))
            ours = [error for error in chain if error.cls_name in _names(NengtanError)]
            message = (ours or chain[-1:])[0].message.strip().splitlines()[0]
            return message.partition(": ")[2] if ours else f"step {event.step_key} failed: {message}"
    return "the run failed without a word; `nengtan serve` shows its log"


def _chain(error: Any) -> Iterator[Any]:  # noqa: ANN401 - the orchestrator keeps the type to itself
    """Yield an error and what it was raised from."""
    yield error
    if error.cause is not None:
        yield from _chain(error.cause)


def _names(kind: type[Exception]) -> set[str]:
    return {kind.__name__}.union(*(_names(below) for below in kind.__subclasses__()))
