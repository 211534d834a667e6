"""Every sentence is there in both languages, and every fault of the forms can be said in Chinese."""

import re
from pathlib import Path

import pytest

from ingestion.portal import words
from ingestion.portal.workflow import STATES, STEPS

ROOM = Path(words.__file__).parent


def test_both_languages_say_everything() -> None:
    assert len(words.keys()) > 100
    for key in words.keys():  # noqa: SIM118 - a function of ours
        for language in words.LANGUAGES:
            assert words._page()["words"][key][language].strip(), (key, language)


def test_what_pages_and_refusals_ask_for_is_there() -> None:
    asked = {*STATES, *STEPS, *(f"did_{step}" for step in STEPS if step != "save")}
    for path in [*ROOM.glob("*.py"), *ROOM.glob("templates/*.html")]:
        text = path.read_text("utf-8")
        asked |= set(re.findall(r"""(?:\bsay\(|Refusal\()["'](\w+)["'](?! ~)""", text)) - {"did_"}
    assert len(asked) > 80
    assert asked <= words.keys(), asked - words.keys()


@pytest.mark.parametrize(
    "message",
    [
        "is empty, a value is needed",
        "'12x' is not a number, write it as 1234.5 without separators and unit (at most 12 digits before)",
        "'2025/1' is not a month, write it as 2025-01",
        "'tt' is unknown (did you mean t?), allowed: CNY, GJ … (90 in all)",
        "-1 is out of range, allowed: at least 0",
        "'mil' is not in organizations.csv (did you mean mill?), allowed: an id of organizations.csv",
        "'x' is not in organizations.csv, allowed: an id of organizations.csv",
        "'mill, kiln, clinker, 2025-01-01' repeats line 3, organization_id, month must be unique",
        "'furnace' is no unit of 'mill', allowed: a unit of its own",
        "2031-01 has not begun, allowed: up to 2026-11",
        "'a.pdf' is not attached, attach the document",
        "takes 150 t of CEA 2024, but mill holds 100 t on 2025-01-01",
        "takes 5 t of CCER 2024 p, but mill holds 0 t and 90 t by serials, which it has to name on 2025-01-01",
        "K91…K100 were used up already (K1…K100), each serial once",
        "K91…K100 of CCER 2024 p are not held by mill on 2025-01-01, allowed: serials that are",
        "the serials are 10 t, but the row says 12",
        "'T-1' was posted already, each transaction once",
    ],
)
def test_a_fault_in_chinese(message: str) -> None:
    said = words.fault(message, "zh")
    assert re.search(r"[一-鿿]", said), said
    assert words.fault(message, "en") == message
