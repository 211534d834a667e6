"""The bench of ingestion counts every fact once, in both formats."""

from pathlib import Path

import pytest

from bench import ingest
from bench.size import Size
from lake.errors import NengtanError


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_every_fact_lands_once(tmp_path: Path, kind: str) -> None:
    readings, facts = ingest._site(tmp_path / "site", kind, Size(20, 6))
    took = ingest.take_in(tmp_path / "site", tmp_path / "lake")
    assert readings > facts > 10_000
    ingest._check(took, readings, facts, kind)
    assert took["files"] <= 3
    with pytest.raises(NengtanError, match="facts landed"):
        ingest._check(took, readings, facts + 1, kind)
