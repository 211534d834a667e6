"""Which files belong to a backup, in the order in which they may be read while others write.

What is written last is read first, so that whatever a copied file speaks of is copied, too: batch rows speak of
readings, readings and refused rows of payloads, registers of payloads. Files that nothing speaks of yet do no harm.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

#: Where files come from and go back to: lake, registers, the portal's home, the dashboards' home, the site folder.
LAKE, REGISTERS, PORTAL, DASHBOARDS, SITE = "lake", "registers", "portal", "dashboards", "site"
#: What only the living system needs, or a restore makes anew from the rest; the last is a hint for readers of a log.
_LEFT_OUT = {"build", "locks", "temp", "_last_checkpoint"}
_LOG = "_delta_log"
_SUFFIXES_OF_REGISTERS = {".sqlite", ".db"}
_BESIDE_REGISTERS = ("-wal", "-shm", "-journal")
_SUFFIXES_OF_KEYS = {".pem", ".key"}
_SECRETS = "secrets.json"
_MOST_OF_A_KEY = 65536


@dataclass(frozen=True)
class Part:
    """One file: its name in the backup (`lake/raw/…`), and where it lies now."""

    name: str
    path: Path

    @property
    def is_register(self) -> bool:
        """Whether it is an SQLite file, which is not copied byte by byte while it is written."""
        return self.path.suffix in _SUFFIXES_OF_REGISTERS

    @property
    def is_key(self) -> bool:
        """Whether it signs or opens something: it is kept apart from what it protects."""
        if self.path.name == _SECRETS:
            return True
        is_small = self.path.suffix in _SUFFIXES_OF_KEYS and self.path.stat().st_size <= _MOST_OF_A_KEY
        return is_small and b"PRIVATE KEY" in self.path.read_bytes()


def listed(homes: Mapping[str, Path]) -> Iterator[Part]:
    """Yield the files of the homes; one whose name begins with a dot is only being written and is none yet."""
    lake = homes[LAKE]
    yield from (Part(f"{REGISTERS}/{path.name}", path) for path in sorted(homes[REGISTERS].glob("*.sqlite")))
    yield from _files(REGISTERS, homes[REGISTERS], homes[REGISTERS] / "exchange")
    yield from _files(PORTAL, homes[PORTAL], homes[PORTAL])
    yield from _files(DASHBOARDS, homes[DASHBOARDS], homes[DASHBOARDS])
    batches = sorted(lake.glob("raw/*__batch"))
    readings = (path for path in sorted(lake.glob("raw/*")) if path not in batches)
    for table in (*batches, *readings, *(lake / area for area in ("quarantine", "ref", "evidence", "marts"))):
        yield from (part for part in _files(LAKE, lake, table) if _LOG in part.path.parts)
        yield from (part for part in _files(LAKE, lake, table) if _LOG not in part.path.parts)
    yield from _files(LAKE, lake, lake / "keys")
    yield from _files(LAKE, lake, lake / "payloads")
    yield from (Part(f"{LAKE}/{path.name}", path) for path in sorted(lake.glob("*.json")))
    yield from _files(SITE, homes[SITE], homes[SITE])


def _files(name: str, home: Path, folder: Path) -> Iterator[Part]:
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        inside = path.relative_to(home)
        is_meant = not _LEFT_OUT.intersection(inside.parts) and not path.name.startswith(".")
        if is_meant and not path.name.endswith(_BESIDE_REGISTERS) and path.is_file():
            yield Part(f"{name}/{inside.as_posix()}", path)
