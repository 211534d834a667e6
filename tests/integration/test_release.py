"""From a commit to an installed release, on a small twin of the repository with packages of a few hundred bytes each.

The scripts are the real ones: bundle, signature, verification and what each of them refuses.
"""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from pipelines.settings import ROOT

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="OpenSSH's ssh-keygen is not here"),
]
TOOLS = ROOT / ".venv/tools/bin/python"
_PACKAGES = {
    "uv": ("pump", "2.0", ""),
    "pipeline": ("probe", "1.0", "Requires-Dist: pump\n"),
    "bi": ("gauge", "3.1", ""),
}


def _wheel(folder: Path, name: str, version: str, more: str) -> str:
    """Write a wheel without code and return its SHA-256."""
    path, info = folder / f"{name}-{version}-py3-none-any.whl", f"{name}-{version}.dist-info"
    files = {
        f"{info}/METADATA": f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\nLicense-Expression: MIT\n{more}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    lines = [
        f"{file},sha256={base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip('=')},{len(text)}"
        for file, text in files.items()
    ]
    files[f"{info}/RECORD"] = "\n".join([*lines, f"{info}/RECORD,,"]) + "\n"
    with zipfile.ZipFile(path, "w") as wheel:
        for file, text in files.items():
            wheel.writestr(file, text)
    return hashlib.sha256(path.read_bytes()).hexdigest()


@dataclass(frozen=True)
class Twin:
    """A repository with the scripts of this one, and the only index it may ask: a folder."""

    place: Path
    index: Path

    def call(self, *command: str, umask: int = 0o022, **env: str) -> subprocess.CompletedProcess[str]:
        known = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "GIT_", "NENGTAN_"))}
        known |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.index), **env}
        return subprocess.run(
            command, cwd=self.place, env=known, umask=umask, capture_output=True, text=True, check=False
        )

    def git(self, *words: str) -> None:
        told = self.call("git", "-c", "user.name=Test", "-c", "user.email=test@example.invalid", *words)
        assert told.returncode == 0, told.stderr

    def made(self, *command: str, **more: str) -> Path:
        told = self.call(*command, **more)
        assert told.returncode == 0, told.stderr
        (archive,) = Path(command[-1]).glob("nengtan-*.tar")
        return archive


def _twin(place: Path, index: Path) -> Twin:
    hashes = {lock: _wheel(index, *package) for lock, package in _PACKAGES.items()}
    (place / "locks").mkdir(parents=True)
    shutil.copytree(ROOT / "scripts/supply", place / "scripts/supply", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("__init__.py", "bundle.sh", "release.sh", "install.sh"):
        shutil.copy2(ROOT / "scripts" / name, place / "scripts" / name)
    today = datetime.now(UTC).date().isoformat()
    for lock, (name, version, _) in _PACKAGES.items():
        (place / f"locks/{lock}.txt").write_text(f"{name}=={version} \\\n    --hash=sha256:{hashes[lock]}\n")
    asked = {f"{name}=={version}": {"on": today, "service": "osv"} for name, version, _ in _PACKAGES.values()}
    (place / "locks/audit.json").write_text(json.dumps({"asked": asked, "findings": []}))
    (place / "locks/audit.yaml").write_text("[]\n")
    (place / "pyproject.toml").write_text('[project]\nname = "nengtan"\nversion = "1.2.0"\n')
    (place / "CHANGELOG.md").write_text("# Changelog\n\n## 1.2.0 (unreleased)\n")
    (place / "Makefile").write_text("setup:\n\t@touch set_up\n")
    (place / ".gitignore").write_text("/.venv\n__pycache__/\n")
    (place / ".venv").symlink_to(ROOT / ".venv")
    twin = Twin(place, index)
    twin.git("init", "--quiet", "--initial-branch=main")
    twin.git("add", "--all")
    twin.git("commit", "--quiet", "--message=The twin")
    return twin


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Twin:
    base = tmp_path_factory.mktemp("release")
    (base / "index").mkdir()
    return _twin(base / "one", base / "index")


@pytest.fixture(scope="module")
def bundle(twin: Twin, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return twin.made("scripts/bundle.sh", str(tmp_path_factory.mktemp("bundle")))


def test_the_same_commit_gives_the_same_bytes_whoever_builds_it_and_where(
    twin: Twin, bundle: Path, tmp_path: Path
) -> None:
    other = Twin(tmp_path / "elsewhere", twin.index)
    twin.git("clone", "--quiet", str(twin.place), str(other.place))
    (other.place / ".venv").symlink_to(ROOT / ".venv")
    env = {"TZ": "Asia/Shanghai", "LC_ALL": "C.UTF-8", "SOURCE_DATE_EPOCH": "1"}
    told = other.call("scripts/bundle.sh", str(tmp_path / "second"), umask=0o077, **env)
    assert told.returncode == 0, told.stderr
    (second,) = (tmp_path / "second").glob("nengtan-*.tar")
    assert bundle.name == second.name
    assert bundle.read_bytes() == second.read_bytes()


def test_the_bundle_carries_a_bill_of_its_materials(bundle: Path) -> None:
    with tarfile.open(bundle) as opened:
        content = {member.name.split("/", 1)[1]: opened.extractfile(member) for member in opened if member.isfile()}
        bill = json.load(content["bom.cdx.json"])
        sums = content["SHA256SUMS"].read().decode()
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert bill["metadata"]["component"]["version"] == "1.2.0"
    parts = {part["name"]: part for part in bill["components"]}
    assert {name: part["version"] for name, part in parts.items()} == {"pump": "2.0", "probe": "1.0", "gauge": "3.1"}
    assert parts["pump"]["licenses"] == [{"license": {"id": "MIT"}}]
    digests = {part["hashes"][0]["content"] for part in parts.values()}
    assert len([line for line in sums.splitlines() if line.split()[0] in digests]) == 3
    needs = {one["ref"]: one.get("dependsOn", []) for one in bill["dependencies"]}
    assert needs[parts["probe"]["bom-ref"]] == [parts["pump"]["bom-ref"]]
    assert "./bom.cdx.json" in sums


def test_a_package_that_no_lock_names_stops_the_bill(twin: Twin, tmp_path: Path) -> None:
    _wheel(tmp_path, "stranger", "1.0", "")
    words = ("--version", "1", "--commit", "0" * 40, "--at", "0", "--output", str(tmp_path / "bom.json"))
    told = twin.call(str(TOOLS), "-m", "scripts.supply.bill", str(tmp_path), *words)
    assert (told.returncode, told.stderr) == (
        1,
        "bill: stranger-1.0-py3-none-any.whl: no lock names a file with its hash\n",
    )


def test_what_no_commit_holds_is_not_bundled(twin: Twin, tmp_path: Path) -> None:
    other = Twin(tmp_path / "changed", twin.index)
    twin.git("clone", "--quiet", str(twin.place), str(other.place))
    (other.place / "locks/more.txt").write_text("")
    told = other.call("scripts/bundle.sh", str(tmp_path))
    assert (told.returncode, list(tmp_path.glob("*.tar"))) == (2, [])


@dataclass(frozen=True)
class Released:
    """A signed archive, and the file of the keys that a machine trusts."""

    archive: Path
    signers: Path

    def install(self, twin: Twin, parent: Path) -> subprocess.CompletedProcess[str]:
        return twin.call("scripts/install.sh", str(self.archive), str(parent), NENGTAN_SIGNERS=str(self.signers))

    def refused(self, twin: Twin, parent: Path, words: str) -> None:
        told = self.install(twin, parent)
        assert told.returncode == 1
        (sentence,) = told.stderr.splitlines()
        assert words in sentence
        assert not parent.exists() or list(parent.iterdir()) == [], "nothing stays of it"


def _key(path: Path, twin: Twin) -> str:
    told = twin.call("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "release", "-f", str(path))
    assert told.returncode == 0, told.stderr
    return path.with_suffix(".pub").read_text("utf-8")


@pytest.fixture
def released(twin: Twin, tmp_path: Path) -> Released:
    other = Twin(tmp_path / "released", twin.index)
    twin.git("clone", "--quiet", str(twin.place), str(other.place))
    (other.place / ".venv").symlink_to(ROOT / ".venv")
    key = tmp_path / "key"
    signers = tmp_path / "signers"
    signers.write_text(f'release@example.invalid namespaces="nengtan-release" {_key(key, twin)}')
    for refused in ("the tag v1.2.0 is not at this commit", "no heading '## 1.2.0 (YYYY-MM-DD)'"):
        told = other.call("scripts/release.sh", str(key), str(tmp_path / "out"))
        assert (told.returncode, refused in told.stderr) == (1, True), told.stderr
        other.git("tag", "--force", "v1.2.0")
    (other.place / "CHANGELOG.md").write_text("# Changelog\n\n## 1.2.0 (2026-11-24)\n")
    other.git("commit", "--quiet", "--all", "--message=Release 1.2.0")
    other.git("tag", "--force", "v1.2.0")
    return Released(other.made("scripts/release.sh", str(key), str(tmp_path / "out")), signers)


def test_a_signed_release_is_installed_and_any_other_is_refused(twin: Twin, released: Released, tmp_path: Path) -> None:
    bill = json.loads(released.archive.with_name(f"{released.archive.stem}.cdx.json").read_text("utf-8"))
    assert len(bill["components"]) == 3
    told = released.install(twin, tmp_path / "opt")
    assert told.returncode == 0, told.stderr
    place = tmp_path / "opt" / released.archive.stem
    assert (place / "set_up").exists()
    again = released.install(twin, tmp_path / "opt")
    assert (again.returncode, "is there already" in again.stderr) == (1, True)

    signature = released.archive.with_name(f"{released.archive.name}.sig")
    good, signed = released.archive.read_bytes(), signature.read_bytes()
    for at in (0, len(good) // 2, len(good) - 1):
        released.archive.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        released.refused(twin, tmp_path / "other", "is not what release@example.invalid signed")
    released.archive.write_bytes(good)
    _key(tmp_path / "stranger", twin)
    signature.unlink()
    released.refused(twin, tmp_path / "other", ".sig is missing")
    twin.call(
        "ssh-keygen",
        "-q",
        "-Y",
        "sign",
        "-f",
        str(tmp_path / "stranger"),
        "-n",
        "nengtan-release",
        str(released.archive),
    )
    released.refused(twin, tmp_path / "other", "no key of")
    signature.unlink()
    twin.call("ssh-keygen", "-q", "-Y", "sign", "-f", str(tmp_path / "key"), "-n", "file", str(released.archive))
    released.refused(twin, tmp_path / "other", "is not what")
    signature.write_bytes(signed)
    nobody = Released(released.archive, tmp_path / "nobody")
    nobody.refused(twin, tmp_path / "other", "it names the keys whose releases this machine takes")
    assert released.install(twin, tmp_path / "other").returncode == 0


class _Osv(BaseHTTPRequestHandler):
    """Knows one vulnerability: of pump before 2.1."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        known = {
            "id": "GHSA-planted",
            "summary": "The pump runs backwards",
            "aliases": ["CVE-0000-1"],
            "modified": "2026-01-01T00:00:00Z",
            "affected": [
                {
                    "package": {"name": "pump", "ecosystem": "PyPI"},
                    "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.1"}]}],
                }
            ],
        }
        body = json.dumps({"vulns": [known]} if asked["package"]["name"] == "pump" else {}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_known_vulnerability_stops_a_release_until_somebody_explains_it(twin: Twin, tmp_path: Path) -> None:
    other = Twin(tmp_path / "audited", twin.index)
    twin.git("clone", "--quiet", str(twin.place), str(other.place))
    (other.place / "locks/audit.json").write_text('{"asked": {}, "findings": []}')
    offline = other.call(str(TOOLS), "-m", "scripts.supply.audit", "--offline")
    assert (offline.returncode, offline.stdout[:40]) == (1, "3 of 3 packages were never asked about (")
    with ThreadingHTTPServer(("127.0.0.1", 0), _Osv) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/v1/query"
        asked = other.call(str(TOOLS), "-m", "scripts.supply.audit", "--service", "osv", "--osv-url", url)
        server.shutdown()
    assert (asked.returncode, asked.stdout) == (
        1,
        "pump==2.0 has CVE-0000-1 (fixed in 2.1): renew the lock, or explain it in audit.yaml\n",
    ), asked.stderr
    words = "- {id: CVE-0000-1, package: pump, version: '2.0', why: It stands still here, looked_on: 2026-11-24}\n"
    (other.place / "locks/audit.yaml").write_text(words)
    explained = other.call(str(TOOLS), "-m", "scripts.supply.audit", "--offline")
    assert (explained.returncode, explained.stdout) == (0, "3 packages, 1 findings, each explained\n")
    away = other.call(str(TOOLS), "-m", "scripts.supply.audit", "--service", "osv", "--osv-url", url)
    assert away.returncode == 1
    assert away.stderr.startswith("audit: osv gave no answer: ")
