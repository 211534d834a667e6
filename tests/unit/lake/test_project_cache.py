"""What dbt makes of the models is kept where a service may write, which its code's folder is not."""

from importlib.metadata import version
from pathlib import Path

import pytest

from lake import project


def test_it_is_kept_beside_the_models_or_in_the_folder_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = tmp_path / "project"
    models.mkdir()
    (models / "one.sql").write_text("select 1")
    name = f"{project.code_hash(models)[:32]}-{version('dbt-core')}"
    for folder, named in ((models / "target/kept", None), (tmp_path / "cache", str(tmp_path / "cache"))):
        monkeypatch.setenv("NENGTAN_CACHE", named or "")
        (folder / name).mkdir(parents=True)
        (folder / name / "manifest.json").write_text("{}")
        assert project.shelf(models) == folder / name
