"""Every command of the documents has something here that gives it, and the command line takes all of them."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.docs import cli_reference, commands, pages
from scripts.docs.commands import Command
from tests.docs import listed, parsing

ROOT = Path(__file__).resolve().parents[2]
PAGES = pages.written()
IN_BLOCKS = [command for page in PAGES for command in commands.in_blocks(page)]
#: What a block may be: commands, what they print, and files in their own languages.
LANGUAGES = {*commands.SHELLS, "text", "sql", "yaml", "csv", "json", "python", "markdown", "toml", "ini", "diff"}


def nengtan(found: list[Command]) -> Iterator[Command]:
    return (command for command in found if command.words[0] == "nengtan" or "nengtan" in command.words[:2])


def test_every_block_says_its_language() -> None:
    found = [(page, block) for page in PAGES for block in commands.blocks(page.read_text("utf-8"))]
    assert len(found) >= 120
    wrong = [f"{page.relative_to(ROOT)}:{block.line}: {block.language!r}" for page, block in found]
    assert [told for told, (_, block) in zip(wrong, found, strict=True) if block.language not in LANGUAGES] == []


def test_every_command_is_given_by_something() -> None:
    known = {one.command for one in listed.runs()} | set(listed.machine())
    known |= {command for told in listed.tests().values() for command in told}
    followed = {ROOT / page for page in listed.followed()}
    assert len(IN_BLOCKS) >= 80
    loose = [one for one in IN_BLOCKS if str(one) not in known and one.page not in followed]
    assert [f"{one.page.relative_to(ROOT)}:{one.line}: {one}" for one in loose] == []
    assert known - set(map(str, IN_BLOCKS)) == set(), "no page tells these any more"


def test_a_test_that_is_named_is_there_and_gives_such_a_command() -> None:
    assert len(listed.tests()) >= 8
    wrong = [test for test in [*listed.followed().values(), *listed.tests()] if not listed.is_defined(test)]
    assert wrong == []
    for test, told in listed.tests().items():
        there = listed.words(test)
        for command in told:
            (_, words), *_ = commands.split(command)
            ours = [word for word in words if word.startswith("--")] if "nengtan" in words else []
            ours += list(words[1:2]) if words[0] == "nengtan" else []
            assert [word for word in ours if word not in there] == [], f"{test} does not give: {command}"


def test_what_is_the_machines_own_is_a_target_of_make() -> None:
    for command in (command for command in listed.machine() if command.startswith("make ")):
        done = subprocess.run(["make", "--dry-run", *command.split()[1:]], cwd=ROOT, capture_output=True, check=False)
        assert done.returncode == 0, command


def test_the_command_line_takes_every_command_of_the_blocks() -> None:
    found = list(nengtan(IN_BLOCKS))
    assert len(found) >= 60
    wrong = {str(one): parsing.fault(one.words[one.words.index("nengtan") + 1 :], is_whole=True) for one in found}
    assert {command: said for command, said in wrong.items() if said} == {}


def test_the_command_line_knows_every_command_of_the_sentences() -> None:
    """But for the first line of a block of evidence, which begins in the same way."""
    found = [command for page in PAGES for command in commands.in_sentences(page) if command.words[1] != "readings"]
    assert len(found) >= 100
    told = {
        f"{one.page.relative_to(ROOT)}:{one.line}: {one}": parsing.fault(one.words[1:], is_whole=False) for one in found
    }
    assert {command: said for command, said in told.items() if said} == {}


def test_the_command_line_takes_its_own_examples() -> None:
    examples: list[tuple[str, ...]] = []
    for _, command in cli_reference.every():
        shown = (command.help or "").partition("\b")[2]
        examples += [words for _, words in commands.split(shown) if words[0] == "nengtan"]
    assert len(examples) >= 60
    wrong = {" ".join(words): parsing.fault(words[1:], is_whole=True) for words in examples}
    assert {command: said for command, said in wrong.items() if said} == {}


@pytest.mark.parametrize(
    ("words", "is_whole", "said"),
    [
        (["banana"], True, "no command 'banana'"),
        (["run", "site", "--colour", "red"], True, "No such option"),
        (["report", "site", "energy-statement"], True, "missing"),
        (["footprint", "export", "x", "--as", "word"], True, "'word' is none of"),
        (["check", "one", "two"], True, "more than"),
        (["run", "--as-of"], False, None),
        (["uplink", "send/status/again"], False, None),
        (["uplink", "send/banana"], False, "no command"),
    ],
)
def test_a_command_that_is_not_there_is_found(words: list[str], is_whole: bool, said: str | None) -> None:
    told = parsing.fault(words, is_whole=is_whole)
    assert said in told if said and told else told is said


def test_a_script_is_read_as_a_shell_reads_it() -> None:
    text = "# first\ncd a && make run   # set up\nnengtan sql \"select ';' as x\" \\\n  --json\nFOO=1 x 'two\nlines'\n"
    assert list(commands.split(text)) == [
        (2, ("cd", "a")),
        (2, ("make", "run")),
        (3, ("nengtan", "sql", "select ';' as x", "--json")),
        (5, ("FOO=1", "x", "two\nlines")),
    ]
