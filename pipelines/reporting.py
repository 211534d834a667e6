"""The reports that can be asked for: each kind with the types of file it can be, and who writes it."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lake.periods import Period
from pipelines.settings import Settings


@dataclass(frozen=True)
class Asked:
    """One report as it was asked for. `organization` is a legal entity of the site, or None: the whole of it.

    `product` is a product of a footprint report, or None: every product of the organisation.
    """

    settings: Settings
    kind: str
    period: Period
    organization: str | None
    language: str
    output: Path
    product: str | None = None

    @property
    def extension(self) -> str:
        """Return the type of the file, such as docx."""
        return self.output.suffix.removeprefix(".").lower()


@dataclass(frozen=True)
class Kind:
    """A kind of report. `writer` is `module:function`; the function writes `Asked.output`, and is imported to do so."""

    extensions: tuple[str, ...]
    writer: str

    def write(self, asked: Asked) -> None:
        """Write the report; raises NengtanError where the lake cannot tell what it needs."""
        module, name = self.writer.split(":")
        function: Callable[[Asked], None] = getattr(importlib.import_module(module), name)
        function(asked)


_DOCUMENT = Kind(("docx", "pdf", "xlsx"), "pipelines.report_documents:write")
#: By the name that is typed; the first extension is taken where no output is named.
KINDS: Mapping[str, Kind] = {
    "emission-report": _DOCUMENT,
    "energy-statement": _DOCUMENT,
    "footprint-report": _DOCUMENT,
    "park-inventory": _DOCUMENT,
    "verification-pack": Kind(("zip",), "pipelines.verification_pack:write"),
}
