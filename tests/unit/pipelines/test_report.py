"""`nengtan report`: what was asked for wrongly is said in one sentence, before anything is read."""

from datetime import date

import pytest

from lake import periods
from pipelines import reporting
from pipelines.cli.main import status_of


@pytest.fixture
def site(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert status_of(["init", "my_plant"]) == 0
    return "my_plant"


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["emission", "2025"], 2, "There is no report 'emission': write emission-report"),
        (["emission-report", "25"], 2, "'25' is no period: write a year as 2025 or a month as 2025-06."),
        (["emission-report", "2025-13"], 2, "'2025-13' is no period"),
        (["emission-report", "2025", "--product", "steel"], 2, "--product is of a footprint-report"),
        (["emission-report", "2025", "--lake", "empty"], 1, "nothing is published in"),
    ],
)
def test_wrong_use_is_one_sentence(site, capsys, words, status, said):
    capsys.readouterr()
    assert status_of(["report", site, *words]) == status
    told = capsys.readouterr().err.strip().splitlines()
    assert said in told[-1]
    assert "Traceback" not in "".join(told)


def test_a_file_must_be_of_a_type_and_in_a_folder(site, tmp_path, capsys):
    (tmp_path / "lake").mkdir()
    (tmp_path / "lake" / "lake.json").write_text('{"site_id": "my_plant", "layout": 1}\n', encoding="utf-8")
    (tmp_path / "my_plant" / "site.yaml").write_text("id: my_plant\nlanguage: en\n", encoding="utf-8")
    asked = ["report", site, "emission-report", "2025", "--lake", "lake", "--output"]
    assert status_of([*asked, "2025.odt"]) == 2
    assert "emission-report can be docx, pdf or xlsx, by the ending of its file" in capsys.readouterr().err
    assert status_of([*asked, "nowhere/2025.pdf"]) == 2
    assert "there is no folder nowhere" in capsys.readouterr().err
    (tmp_path / "lake" / "lake.json").write_text('{"site_id": "other", "layout": 1}\n', encoding="utf-8")
    assert status_of([*asked, "2025.pdf"]) == 1
    assert "holds site other, not my_plant" in capsys.readouterr().err


def test_periods_are_whole_months():
    assert periods.period("2025") == periods.Period("2025", date(2025, 1, 1), date(2025, 12, 1))
    assert len(periods.period("2025").months) == 12
    assert periods.period("2024-02").months == [date(2024, 2, 1)]
    for text in ("2025-6", "2025-00", "0000", "2025-06-01", ""):
        with pytest.raises(ValueError, match="is no period"):
            periods.period(text)


def test_every_kind_has_a_writer():
    assert [kind for kind, made in reporting.KINDS.items() if ":" not in made.writer or not made.extensions] == []
