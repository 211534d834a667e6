"""The verifier as one file: the modules of quality/pack/verifier, one after the other, without the imports between."""

import re
from pathlib import Path

_ROOM = Path(__file__).parent / "verifier"
_ORDER = ("hashes", "ed25519", "sm2", "blocks", "opened", "proofs", "figures", "command")
_BETWEEN = re.compile(r"^from quality\.pack\.verifier\.\w+ import .+\n", re.MULTILINE)
_TITLE = re.compile(r'\A"""(.+?)"""\n', re.DOTALL)


def text() -> str:
    """Return verify.py, as it lies in every pack."""
    parts = [(name, (_ROOM / f"{name}.py").read_text(encoding="utf-8")) for name in _ORDER]
    title = _TITLE.match(parts[-1][1])
    assert title is not None, "the command says what it does"
    return title[0] + "".join(_part(name, body) for name, body in parts)


def _part(name: str, body: str) -> str:
    title = _TITLE.match(body)
    said = title[1].strip().splitlines()[0] if title and name != _ORDER[-1] else "The command."
    return f"\n# --- {name}: {said}\n{_BETWEEN.sub('', _TITLE.sub('', body, count=1)).rstrip()}\n"
