"""What is sent by people: planted files are refused in one sentence each, in whatever door, and documents are taken."""

import io
import re
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.portal import taking, words
from lake import archives, cells, errors, uploads
from lake.errors import NotTakenError
from tests import planted_files
from tests.fuzzing import mutated

REFUSED = planted_files.refused()


def test_there_is_one_of_each_kind() -> None:
    assert len(REFUSED) >= 30
    assert {key for _, _, key in REFUSED.values()} == set(errors._NOT_TAKEN)


@pytest.mark.parametrize("what", REFUSED)
def test_a_planted_file_is_refused_in_one_sentence(what: str) -> None:
    name, content, key = REFUSED[what]
    with pytest.raises(NotTakenError) as refused:
        uploads.check(name, content, taking.DOCUMENTS, taking.MOST_BYTES)
    assert refused.value.key == key
    said = [str(refused.value), *(words.say(key, language, **refused.value.facts) for language in words.LANGUAGES)]
    assert all(len(sentence) < 200 and "\n" not in sentence and "{" not in sentence for sentence in said)


def test_documents_are_taken() -> None:
    found = planted_files.taken()
    taken = [uploads.check(name, content, taking.DOCUMENTS, taking.MOST_BYTES) for name, content in found.items()]
    assert taken == [f".{name.rpartition('.')[2].lower()}" for name in found]


def test_every_kind_has_its_content() -> None:
    """A kind that is allowed and not known would let anything in, or break."""
    for suffix in sorted(taking.DOCUMENTS - {".txt", ".csv"}):
        with pytest.raises(NotTakenError):
            uploads.check(f"a{suffix}", b"plainly something else", taking.DOCUMENTS, taking.MOST_BYTES)


def test_whatever_the_bytes_it_is_taken_or_refused() -> None:
    whole, decided = planted_files.book(("=1+1", "text")), 0
    for content in mutated([whole, planted_files.taken()["all.zip"]], 400):
        for suffix in (".xlsx", ".zip"):
            try:
                uploads.check(f"a{suffix}", content, taking.DOCUMENTS, taking.MOST_BYTES)
                archives.has_formulas(io.BytesIO(content))
            except NotTakenError:
                decided += 1
    assert decided >= 200


def test_many_small_members_are_a_bomb_together() -> None:
    with pytest.raises(NotTakenError) as refused:
        uploads.check_content(".xlsx", planted_files.book(), most_unpacked=2_000)
    assert refused.value.key == "upload_unpacked"


def test_an_archive_that_lies_about_its_sizes_gives_no_more_than_it_tells() -> None:
    packed = bytearray(planted_files.archive({"a.txt": b"a" * 1_000_000}))
    place = packed.index(b"PK\x01\x02") + 24
    packed[place : place + 4] = (10).to_bytes(4, "little")
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.infolist()[0].file_size == 10
    with pytest.raises(NotTakenError):
        uploads.check("a.zip", bytes(packed), taking.DOCUMENTS, taking.MOST_BYTES)


@pytest.mark.parametrize(
    "text", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+cmd", "\t=1", " =1", "＝1+1", "\r\n@a", "\0=1"]
)
def test_a_formula_is_known(text: str) -> None:
    assert cells.is_formula(text)
    assert not cells.is_formula(cells.plain(text))
    assert cells.plain(text)[1:] == text


@pytest.mark.parametrize(
    "text", ["", "-", "--", "－", "-5.3e-7", "+86 (10) 1234-567", "a=b", "1-1", "-12 %", "东山=西河", "'=1"]
)
def test_numbers_dates_and_words_are_left_alone(text: str) -> None:
    assert cells.plain(text) == text


@settings(max_examples=300)
@given(st.text())
def test_what_leaves_begins_no_formula(text: str) -> None:
    told = cells.plain(text)
    assert not re.match(r"[\s\0]*[=@＝＠]", told)
    assert told in (text, f"'{text}")
