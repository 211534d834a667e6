"""Which passwords are taken: long enough, mixed, no name of anybody here, and hard to guess.

How hard is zxcvbn's word: it knows common passwords, names, dates and rows of keys, and how people disguise them.
"""

import re
from collections.abc import Iterable

from zxcvbn import zxcvbn

from ingestion.portal.refusal import Refusal

SHORTEST, _CLASSES, _LONGEST = 10, 3, 200
#: Of zxcvbn's 0 to 4: the highest, 10^10 guesses and more; at 10^8 it lets Admin@123456 pass.
_HARD = 4
#: What people here build passwords of and zxcvbn's lists, which are of English sites, hold too low or not at all.
_LOCAL = ("nengtan", "nenghao", "admin", "administrator", "woaini", "5201314", "1314520", "zhongguo", "1qaz", "2wsx")
#: More than this zxcvbn does not look at, and nobody guesses.
_SEEN = 72
#: A part of a name that is shorter stands in too many words.
_SHORTEST_NAME = 3


def check(password: str, names: Iterable[str] = ()) -> None:
    """Raise Refusal where a password is not taken; `names` are those of its owner, of organisations and of the site."""
    classes = sum(
        any(kind(letter) for letter in password)
        for kind in (str.islower, str.isupper, str.isdigit, lambda letter: not letter.isalnum())
    )
    if not SHORTEST <= len(password) <= _LONGEST or classes < _CLASSES:
        raise Refusal("weak_password", 422)
    parts = sorted({part for name in names for part in _parts(name)})
    if any(part in password.lower() for part in parts):
        raise Refusal("named_password", 422)
    if zxcvbn(password[:_SEEN], user_inputs=[*_LOCAL, *parts])["score"] < _HARD:
        raise Refusal("common_password", 422)


def _parts(name: str) -> list[str]:
    """Return a name in small letters, whole and by its words; Chinese names count from two characters."""
    whole = name.strip().lower()
    words = [whole, *re.split(r"[\s._\-]+", whole)]
    return [word for word in words if len(word) >= (_SHORTEST_NAME if word.isascii() else 2)]
