"""The marts as they were known at a time, beside the published ones: nothing is taken in, nothing is replaced."""

from datetime import UTC, datetime

from assets import checks, gate, marts, network, publish, stack, uncertainty
from assets.work import LOG, Work
from lake import asof
from pipelines.resources import new_work
from pipelines.settings import Settings
from quality.suites.every import SUITES


def known_at(settings: Settings, at: datetime) -> Work:
    """Build, check and write the marts as known at a time; where a blocking check fails they are not written."""
    work = new_work(settings)
    try:
        work.begin()
        work.look_back(at)
        LOG.info("to build: everything as it was known at %s", at.isoformat())
        work.prepare(f"{datetime.now(UTC):%Y%m%dT%H%M%S}_asof")
        work.run_models(lambda done: LOG.debug("%s", done.name))
        marts.counted(work)
        checks.judge_all(work, SUITES)
        if all(one.passed or not one.expectation.is_blocking for one in work.results):
            network.reconcile_all(work)
            uncertainty.propagate_all(work)
            stack.measure_all(work)
            gate.balance_all(work)
            publish.publish_all(work)
            LOG.info("written to %s", asof.folder(work.lake, at))
    finally:
        work.end()
    return work
