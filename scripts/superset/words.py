"""Superset's Chinese dictionary with our words over it, and without what it marks itself as unsure."""

import itertools
import json
from functools import lru_cache
from importlib.resources import files

import yaml

from scripts.superset import specification


@lru_cache(maxsize=1)
def corrected() -> str:
    """Lay our words over Superset's, and leave out those that Superset itself marks as unsure."""
    folder = files("superset") / "translations" / "zh" / "LC_MESSAGES"
    pack = json.loads((folder / "messages.json").read_text(encoding="utf-8"))
    words = pack["locale_data"][pack["domain"]]
    for english in unsure((folder / "messages.po").read_text(encoding="utf-8")):
        words.pop(english, None)
    overlay = yaml.safe_load((specification.FOLDER / "words" / "zh.yaml").read_text(encoding="utf-8"))
    words.update({english: [chinese] for english, chinese in overlay.items()})
    return json.dumps(pack, ensure_ascii=False)


def unsure(catalogue: str) -> set[str]:
    """List the English texts of a message catalogue whose translation is flagged fuzzy."""
    found: set[str] = set()
    for entry in catalogue.split("\n\n"):
        lines = entry.splitlines()
        if not any(line.startswith("#,") and "fuzzy" in line for line in lines):
            continue
        start = next((number for number, line in enumerate(lines) if line.startswith("msgid ")), None)
        if start is not None:
            quoted = [lines[start].removeprefix("msgid ")]
            quoted += itertools.takewhile(lambda line: line.startswith('"'), lines[start + 1 :])
            found.add("".join(json.loads(line) for line in quoted))
    return found - {""}
