"""What has been released and may be handed out, as the host sees it; where it comes from is another's affair."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Body = dict[str, Any]
#: The versions of the specification that are spoken.
VERSIONS = (3, 2)


class Record(Protocol):
    """A footprint that was released and not withdrawn; a deprecated one is handed out and says so."""

    @property
    def record_id(self) -> str:
        """Its id, a UUID."""

    @property
    def organization_id(self) -> str:
        """Whose product it is."""

    @property
    def product_id(self) -> str:
        """The product that grants name."""

    @property
    def released_at(self) -> str:
        """When it was released: ISO 8601 in UTC, which sorts as text."""

    def is_told(self, version: int) -> bool:
        """Whether a version of the specification can tell it."""

    def document(self, version: int) -> Mapping[str, Any]:
        """Return what criteria look at: its result in a version, to be read and not to be changed."""

    def body(self, version: int, *, with_process: bool, language: str | None) -> Body:
        """Return it as a version of the specification writes it; with process detail as an extension of it.

        Its texts are in `zh` or `en`, or in the site's language.
        """


class Records(Protocol):
    """Where released footprints are."""

    def released(self) -> Sequence[Record]:
        """Return all that may be handed out at all, in no particular order."""


@dataclass(frozen=True)
class Seen:
    """A record as one party may see it."""

    record: Record
    with_process: bool
    language: str | None = None

    @property
    def place(self) -> tuple[str, str]:
        """Where it stands in every list: a record keeps its place as long as it is there."""
        return self.record.released_at, self.record.record_id

    def document(self, version: int) -> Mapping[str, Any]:
        """Return what criteria look at, to be read and not to be changed."""
        return self.record.document(version)

    def body(self, version: int) -> Body:
        """Return it as the party may read it."""
        return self.record.body(version, with_process=self.with_process, language=self.language)
