"""Superset's home folder: its own database, its secrets, and what the last bootstrap did.

The one place here, with `superset_config`, that touches the environment: it fills it for Superset.
"""

import json
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.superset.doorway import Doorway

_ON_LOOPBACK = Doorway()
CONFIG = Path(__file__).parent / "superset_config.py"
KEYS = ("SECRET_KEY", "GUEST_KEY", "ASYNC_KEY")


@dataclass(frozen=True)
class Home:
    """A folder that only its owner may enter."""

    path: Path
    way: Doorway = _ON_LOOPBACK

    def open(self) -> "Home":
        """Make the folder and its keys where they are missing, and set Superset's environment."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path.chmod(0o700)
        keys = self._keys()
        os.environ |= {f"NENGTAN_SUPERSET_{name}": value for name, value in keys.items()}
        os.environ |= {
            "NENGTAN_SUPERSET_HOME": str(self.path.resolve()),
            "SUPERSET_CONFIG_PATH": str(CONFIG),
            "SUPERSET_HOME": str(self.path.resolve()),
            "SCARF_ANALYTICS": "false",
            "DO_NOT_TRACK": "1",
            "FLASK_APP": "superset.app:create_app()",
            "NENGTAN_SUPERSET_TLS": "1" if self.way.is_secure else "0",
            "NENGTAN_SUPERSET_PROXY": self.way.proxy or "",
        }
        if authority := os.environ.get("NENGTAN_PORTAL_AUTHORITY"):
            os.environ["REQUESTS_CA_BUNDLE"] = authority  # the portal is the one server that Superset asks
        return self

    @property
    def is_signed_on(self) -> bool:
        """Whether the entry portal signs people in, so that no account of the dashboards' own is made."""
        return bool(os.environ.get("NENGTAN_PORTAL_ADDRESS") and os.environ.get("NENGTAN_SIGN_ON_SECRET"))

    def state(self) -> dict[str, Any]:
        """Return what the last bootstrap recorded; empty before the first."""
        path = self.path / "state.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

    def record(self, state: dict[str, Any]) -> None:
        """Record what a bootstrap did, at once or not at all."""
        draft = self.path / "state.json.new"
        draft.write_text(json.dumps(state, indent=1, sort_keys=True), encoding="utf-8")
        draft.replace(self.path / "state.json")

    @contextmanager
    def log(self) -> Iterator[None]:
        """Send everything that Superset and its migrations say, on either stream, to bootstrap.log."""
        sys.stdout.flush()
        sys.stderr.flush()
        kept = os.dup(1), os.dup(2)
        descriptor = os.open(self.path / "bootstrap.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.dup2(descriptor, 1)
            os.dup2(descriptor, 2)
            yield
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for target, old in zip((1, 2), kept, strict=True):
                os.dup2(old, target)
                os.close(old)
            os.close(descriptor)

    def _keys(self) -> dict[str, str]:
        path = self.path / "secrets.json"
        if not path.exists():
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump({name: secrets.token_urlsafe(42) for name in KEYS}, file)
        return json.loads(path.read_text(encoding="utf-8"))
