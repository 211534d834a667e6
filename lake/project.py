"""The dbt project: dbt's manifest and what dbt makes of the models, asked for when the code is new and kept.

A start of dbt as a program costs ten CPU-seconds, most of them for imports and for reading seventy models again. Here
dbt is imported into the process, and only where something is asked of it that is not kept yet.
"""

import hashlib
import json
import logging
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from lake.errors import LakeError

#: What dbt may say, which is nothing: what it does is heard through its events.
_QUIET = ("--quiet", "--log-level", "none", "--log-level-file", "none", "--no-write-json", "--no-use-colors")
_SILENT = {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DO_NOT_TRACK": "1"}
_KEPT_MANIFESTS, _READ_MANIFESTS = 5, 2
#: The file of every build: its name is the database's, which dbt writes into the manifest.
DATABASE = "build.duckdb"


def code_hash(project: Path) -> str:
    """Return a hash of everything that a model's result depends on in the project."""
    digest = hashlib.sha256()
    for path in sorted(path for path in project.rglob("*") if path.suffix in {".sql", ".yml"}):
        name = path.relative_to(project)
        if name.parts[0] not in {"target", "logs"}:
            digest.update(f"{name}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def manifest(project: Path) -> Mapping[str, Any]:
    """Return dbt's manifest of the project: nodes, macros, sources, parent_map. All who ask share it."""
    return _read(shelf(project))


@lru_cache(maxsize=_READ_MANIFESTS)
def _read(folder: Path) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return found


def compiled(project: Path, names: Sequence[str], variables: Mapping[str, Any]) -> dict[str, str]:
    """Return the SQL that dbt makes of these models; raises LakeError with the first model's fault."""
    with tempfile.TemporaryDirectory(prefix="nengtan-dbt-") as made:
        target = Path(made)
        words = ["compile", *_places(project, target), *_QUIET, "--no-introspect", "--select", *names]
        with _dbt({"NENGTAN_BUILD_DB": str(target / DATABASE)}) as start:
            result = start(_manifest(project)).invoke([*words, "--vars", json.dumps(variables)])
    if isinstance(result.exception, KeyboardInterrupt):
        raise result.exception
    if not result.success:
        raise LakeError(f"the models could not be read: {_fault(result)}")
    return {one.node.name: one.node.compiled_code for one in result.result.results}


def _places(project: Path, target: Path) -> list[str]:
    project, target = project.absolute(), target.absolute()  # dbt runs in the project's folder
    named = {"--project-dir": project, "--profiles-dir": project, "--target-path": target, "--log-path": target}
    return [str(word) for pair in named.items() for word in pair]


@contextmanager
def _dbt(environment: Mapping[str, str]) -> Iterator[Callable[..., Any]]:
    """Give the means to start dbt, with this environment; close every database that it opened."""
    before, root = dict(os.environ), logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its libraries warn of each other
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.adapters.factory import reset_adapters
        from dbt.cli.main import dbtRunner

        os.environ.update({**environment, **_SILENT})
        try:
            yield lambda known: dbtRunner(manifest=known)
        finally:
            DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
            reset_adapters()  # type: ignore[no-untyped-call]
            os.environ.clear()
            os.environ.update(before)
            root.setLevel(level)
            root.handlers[:] = handlers


def shelf(project: Path) -> Path:
    """Return the folder of what dbt made of the project as it is now; dbt reads the project where it is new.

    It lies beside the models, or in the folder that NENGTAN_CACHE names: a service may not write where its code is.
    """
    from importlib.metadata import version

    kept = Path(os.environ.get("NENGTAN_CACHE") or project / "target" / "kept")
    folder = kept / f"{code_hash(project)[:32]}-{version('dbt-core')}"
    if not (folder / "manifest.json").is_file():
        kept.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=kept, prefix=".incoming-"))
        try:
            with _dbt({"NENGTAN_BUILD_DB": str(fresh / DATABASE)}) as start:
                words = [word for word in _QUIET if word != "--no-write-json"]
                result = start(None).invoke(["parse", *_places(project, fresh), *words])
            if not result.success:
                raise LakeError(f"the models could not be read: {result.exception}")
            if not folder.exists():
                fresh.rename(folder)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
        for old in sorted(kept.glob("[!.]*"), key=lambda path: path.stat().st_mtime)[:-_KEPT_MANIFESTS]:
            shutil.rmtree(old, ignore_errors=True)
    return folder


def _manifest(project: Path) -> Any:  # noqa: ANN401 - the library's own type
    """Return the manifest as dbt wants it; a fresh one each time, because a run writes into it."""
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    packed = (shelf(project) / "partial_parse.msgpack").read_bytes()
    return Manifest.from_msgpack(packed, decoder=extended_mashumuro_decoder)


def _fault(result: Any) -> str:  # noqa: ANN401 - the library's own result
    """Return the sentence of the first model that failed."""
    for one in getattr(result.result, "results", ()):
        if one.status in ("error", "fail"):
            lines = [line.strip() for line in str(one.message).splitlines() if line.strip()]
            return f"{one.node.name}: {' '.join(lines[:3])}"
    return str(result.exception or "dbt said nothing").strip().splitlines()[0]
