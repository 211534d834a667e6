"""The last faulty workbooks, until their reader fetches them with the faults marked; in memory, for him alone."""

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass

from ingestion.portal.kinds import Kind
from ingestion.portal.workbook import Filled
from lake.site.fault import Fault

_MOST = 20
_kept: "OrderedDict[str, Upload]" = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True)
class Upload:
    """A workbook with what is wrong in it."""

    person: str
    kind: Kind
    content: bytes
    filled: Filled
    faults: list[Fault]


def keep(upload: Upload) -> str:
    """Keep a workbook and return the word that it is fetched with; the oldest one goes."""
    word = secrets.token_urlsafe(16)
    with _lock:
        _kept[word] = upload
        while len(_kept) > _MOST:
            _kept.popitem(last=False)
    return word


def find(word: str, person: str) -> Upload | None:
    """Return the workbook of a word, to who sent it."""
    with _lock:
        found = _kept.get(word)
    return found if found and found.person == person else None
