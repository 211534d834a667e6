"""What a run in this process remembers, the orchestrator's screens read as their own."""

from pathlib import Path

import dagster as dg

from pipelines import home


@dg.asset
def counted() -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(metadata={"rows": 7})


@dg.asset
def failing() -> None:
    raise ValueError("as planned")


def test_the_orchestrator_reads_what_a_run_here_wrote(tmp_path: Path) -> None:
    with home.instance(tmp_path) as instance:
        first = dg.materialize([counted], instance=instance)
        second = dg.materialize([failing], instance=instance, raise_on_error=False)
    with home.instance(tmp_path) as instance:
        third = dg.materialize([counted], instance=instance)
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        assert not hasattr(instance.event_log_storage, "_engines"), "the orchestrator's own log reads it"
        runs = {run.run_id: run.status for run in instance.get_runs()}
        assert runs == {
            first.run_id: dg.DagsterRunStatus.SUCCESS,
            second.run_id: dg.DagsterRunStatus.FAILURE,
            third.run_id: dg.DagsterRunStatus.SUCCESS,
        }
        assert len(instance.all_logs(first.run_id)) > 8
        assert "as planned" in str(instance.all_logs(second.run_id))
        made = instance.get_latest_materialization_event(dg.AssetKey("counted"))
        assert made is not None and made.run_id == third.run_id
        assert made.asset_materialization.metadata["rows"].value == 7
