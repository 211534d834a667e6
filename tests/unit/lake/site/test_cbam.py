"""cbam_goods.csv: a CN code, processes that exist, lists that can be read."""

import shutil

import pytest

from lake.site.cbam import listed, named
from lake.site.check import check_site
from pipelines.settings import ROOT


@pytest.fixture
def folder(tmp_path):
    ignored = shutil.ignore_patterns("*.py", "plant", "simulator", "__pycache__")
    return shutil.copytree(ROOT / "examples/reference_park", tmp_path / "park", ignore=ignored)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("cement,cement_works,cement,grinding,cement_grinding", "cement,cement_works,cement,grinding,mill",
         "'mill' is not in processes.csv"),
        ("clinker_t_per_t=clinker", "clinker", "'clinker' has no value, allowed: name=value; name=value"),
        ("clinker,cement_works", "raw_meal,cement_works", "'raw_meal' has no cn_code in products.csv"),
        ("cement,cement_works,cement,", "cement,cement_works,glass,", "'glass'"),
        ("cement,cement_works,cement,", "cement,glass_works,cement,", "'glass_works'"),
    ],
)  # fmt: skip
def test_faults_are_named(folder, old, new, sentence):
    file = folder / "cbam_goods.csv"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")
    assert any(sentence in str(fault) and fault.file == "cbam_goods.csv" for fault in check_site(folder, {}))


def test_lists():
    assert listed(" a;b ; ") == ["a", "b"]
    assert named("a=1; b = x=y") == {"a": "1", "b": "x=y"}
    assert (listed(None), named(None)) == ([], {})
