"""What somebody is told of was synced before: the system calls of real writers, as the kernel saw them."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.settings import ROOT

if shutil.which("strace") is None:  # pragma: no cover
    pytest.skip("strace is not here: scripts/system_packages.sh installs it", allow_module_level=True)

CALLS = "openat,rename,renameat,renameat2,link,linkat,fsync,fdatasync,syncfs,write,mkdir,mkdirat,unlink,unlinkat"
TOLD = "this was told"
WRITERS = {
    "a batch": """
from lake.store import Lake
from tests.unit.lake.made import batch, refused
Lake(folder).land(batch([("a", 1, "1", None)], 10, refused=refused("x")))
""",
    "a version of the site": """
from datetime import UTC, datetime
import pyarrow as pa
from lake.store import Lake
Lake(folder).snapshots({"one": pa.table({"a": ["b"]}), "two": pa.table({"a": ["c"]})}, datetime.now(UTC))
""",
    "an act of a person": """
from pathlib import Path
import pyarrow as pa
from lake import commits
path = Path(folder) / "raw" / "periods__closing"
commits.open_or_create(path, pa.schema([("a", pa.string())]))
commits.append(path, pa.table({"a": ["b"]}))
""",
    "a publication": """
from pathlib import Path
from lake import manifest
area = Path(folder) / "marts"
nothing = dict.fromkeys(("run_id", "published_at", "site_id", "code_hash", "as_of", "timezone", "months", "period_from",
    "period_to", "newest_reading_at"))
manifest.write(area, manifest.Manifest(number=1, raw={}, quarantine={}, ref={}, marts={}, **nothing))
""",
    "an entry of a register": """
from pathlib import Path
from lake.sqlitefile import SqliteFile
file = SqliteFile(Path(folder) / "portal.sqlite")
with file.writing() as connection:
    connection.execute("create table a (b)")
""",
}
_CALL = re.compile(r"^\d+ +(\w+)\((.*?)\) += (-?\d+)(?:<(.*)>)?")
_PATH = re.compile(r'"([^"]*)"')


def _unsynced(trace: str, lake: Path) -> tuple[list[str], int]:
    """Return the files of the lake whose content or name was not on the disk when it was told, and how many were."""
    content: dict[str, bool] = {}
    names: dict[str, bool] = {}
    synced = 0
    for line in trace.splitlines():
        if TOLD in line:
            break
        match = _CALL.match(line)
        if match is None or match[3].startswith("-"):
            continue
        call, told = match[1], match[2]
        paths = [path for path in _PATH.findall(told) if path.startswith(str(lake))]
        if call == "openat" and paths and ("O_WRONLY" in told or "O_RDWR" in told):
            content[paths[0]] = content.get(paths[0], True) and "O_CREAT" not in told
            names.setdefault(paths[0], "O_CREAT" not in told)
        elif call == "write" and (written := re.search(r"<(.*?)>", told)) and written[1] in content:
            content[written[1]] = False
        elif call.startswith(("rename", "link")) and len(paths) == 2:
            content[paths[1]], names[paths[1]] = content.get(paths[0], False), False
            content.pop(paths[0], None), names.pop(paths[0], None)
        elif call.startswith("unlink") and paths:
            content.pop(paths[0], None), names.pop(paths[0], None)
        elif call in {"fsync", "fdatasync"} and (path := re.search(r"<(.*?)>", told)):
            synced += 1
            content[path[1]] = True
            names |= {name: True for name in names if str(Path(name).parent) == path[1]}
        elif call == "syncfs":
            content, names = dict.fromkeys(content, True), dict.fromkeys(names, True)
    meant = [name for name in content if not Path(name).is_dir() and Path(name).suffix not in {".lock", "-shm"}]
    lost = [name for name in meant if not content[name] or not names.get(name, True)]
    return [name for name in lost if Path(name).exists() and not name.endswith("-shm")], synced


@pytest.mark.parametrize("what", WRITERS)
def test_it_is_on_the_disk_when_it_is_told(tmp_path: Path, what: str) -> None:
    lake, trace = tmp_path / "lake", tmp_path / "trace"
    lake.mkdir()
    program = f"import os\nfolder = {str(lake)!r}\n{WRITERS[what]}\nos.write(1, b{TOLD!r})\n"
    command = [
        "strace",
        "-f",
        "-y",
        "-s",
        "300",
        "-e",
        f"trace={CALLS}",
        "-o",
        str(trace),
        sys.executable,
        "-c",
        program,
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout == TOLD, done.stderr[-2000:]
    text = trace.read_text("utf-8", errors="replace")
    assert TOLD in text
    lost, synced = _unsynced(text, lake)
    assert lost == []
    assert synced >= 2
