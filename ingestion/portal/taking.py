"""A file that somebody sends to the portal: taken by the rules of every door, or refused in the reader's language."""

from collections.abc import Callable
from typing import ParamSpec

from ingestion.portal.refusal import Refusal
from lake import uploads
from lake.errors import NotTakenError

#: What a document that is attached may be, and how large.
DOCUMENTS = frozenset(
    (".pdf", ".png", ".jpg", ".jpeg", ".webp", ".xlsx", ".xls", ".docx", ".doc", ".csv", ".txt", ".ofd", ".zip")
)
MOST_BYTES = 15_000_000
_TOO_MUCH = ("file_too_large", "upload_unpacked", "upload_many")
_Facts = ParamSpec("_Facts")


def document(name: str, content: bytes) -> str:
    """Return the ending of a document that is taken; raises Refusal."""
    return _asked(uploads.check, name, content, DOCUMENTS, MOST_BYTES) or ""


def workbook(content: bytes) -> None:
    """Raise Refusal where a file is no workbook whose cells may be read."""
    _asked(uploads.check_content, ".xlsx", content, uploads.MOST_UNPACKED_CELLS)


def _asked(rule: Callable[_Facts, str | None], *facts: _Facts.args, **more: _Facts.kwargs) -> str | None:
    try:
        return rule(*facts, **more)
    except NotTakenError as cause:
        raise Refusal(cause.key, 413 if cause.key in _TOO_MUCH else 422, **cause.facts) from cause
