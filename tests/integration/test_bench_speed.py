"""The bench's own promise: product and script make the same month totals from the same files, and it sees where not."""

import shutil
from pathlib import Path

import duckdb
import pytest

from bench import bare, product, storage
from bench.size import Size

pytestmark = pytest.mark.integration


def test_product_and_script_agree_to_the_last_digit(tmp_path: Path) -> None:
    product.make_site(tmp_path, Size(6, 20, 3))
    lake = tmp_path / "lake"
    product.run(tmp_path / "site", lake)
    bare.export_factors(lake / "marts.duckdb", tmp_path / "factors")
    for variant in bare.VARIANTS:
        shutil.rmtree(tmp_path / "out", ignore_errors=True)
        bare.run(tmp_path / "site", lake, tmp_path / "factors", tmp_path / "out", variant)
        assert bare.largest_difference(lake / "marts.duckdb", tmp_path / "out") <= 1e-9, variant

    monthly, fewer = tmp_path / "out/monthly.parquet", tmp_path / "out/fewer.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"copy (from '{monthly}' where level > 0) to '{fewer}'")
    fewer.replace(monthly)
    assert bare.largest_difference(lake / "marts.duckdb", tmp_path / "out") == 1

    stored = storage.bytes_per_reading(lake)
    assert 0 < stored["storage.bytes_per_reading"] < stored["storage.bytes_per_reading_all"]
