"""What the environment says, read here and nowhere else, with the defaults of a fresh clone."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lake import logs
from lake.errors import NengtanError

#: The folder of the repository: the rooms, the dbt project and the examples stand in it.
ROOT = Path(__file__).resolve().parents[1]
#: What DuckDB may take; the process has half a gigabyte beside it. What does not fit is written beside the build.
_MEMORY = "1300MB"


@dataclass(frozen=True)
class Settings:
    """Where the site, the lake and the programs are."""

    site: Path
    lake: str
    marts: Path
    dagster_home: Path
    threads: int
    memory_limit: str
    environment: Mapping[str, str] = field(repr=False)

    @property
    def marts_file(self) -> Path:
        """The published marts for DuckDB."""
        return self.marts / "marts.duckdb"

    @property
    def dashboards_python(self) -> Path:
        """The interpreter of the dashboards, which have an environment of their own."""
        return Path(self.environment.get("NENGTAN_BI_PYTHON") or ROOT / ".venv/bi/bin/python")

    @property
    def dashboards_home(self) -> Path:
        """The dashboards' own folder: accounts, secrets, generated pages."""
        return Path(self.environment.get("NENGTAN_SUPERSET_HOME") or self.marts / "superset").expanduser().absolute()

    @property
    def portal_home(self) -> Path:
        """The entry portal's own folder: accounts, sheets on their way, the audit log."""
        return Path(self.environment.get("NENGTAN_PORTAL_HOME") or self.marts / "portal").expanduser().absolute()

    @property
    def exchange_home(self) -> Path:
        """The exchange host's own folder: the certificate that it makes for trying on this machine."""
        return Path(self.environment.get("NENGTAN_EXCHANGE_HOME") or self.marts / "exchange").expanduser().absolute()

    @property
    def dbt_project(self) -> Path:
        """The folder of the SQL models."""
        return ROOT / "dbt_project"

    def for_programs(self) -> dict[str, str]:
        """The environment of a program that we start: ours, with the same site and lake, and silent."""
        return {
            **self.environment,
            "NENGTAN_SITE": str(self.site),
            "NENGTAN_LAKE": self.lake,
            "NENGTAN_MARTS": str(self.marts),
            "DAGSTER_HOME": str(self.dagster_home),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "DO_NOT_TRACK": "1",
            "PYTHONUTF8": "1",
        }


def read_settings(
    site: str | Path | None = None, lake: str | None = None, environ: Mapping[str, str] | None = None
) -> Settings:
    """Return the settings; an argument wins over the environment, which wins over the default."""
    env = os.environ if environ is None else environ
    named = lake or env.get("NENGTAN_LAKE") or "lake"
    place = named if "://" in named else str(Path(named).expanduser().absolute())
    local = Path(place) if "://" not in place else Path.cwd() / "lake"
    return Settings(
        site=Path(site or env.get("NENGTAN_SITE") or ROOT / "examples/reference_park").expanduser().absolute(),
        lake=place,
        marts=Path(env.get("NENGTAN_MARTS") or local).expanduser().absolute(),
        dagster_home=Path(env.get("DAGSTER_HOME") or local / "build/dagster").expanduser().absolute(),
        threads=_threads(env),
        memory_limit=env.get("NENGTAN_MEMORY_LIMIT") or _MEMORY,
        environment=dict(env),
    )


def log_form(environ: Mapping[str, str] | None = None) -> str:
    """Return how lines are logged, NENGTAN_LOG: `text` for people, or `json`, one object a line, for programs."""
    asked = (os.environ if environ is None else environ).get("NENGTAN_LOG") or logs.TEXT
    if asked not in (logs.TEXT, logs.JSON):
        raise NengtanError(f"NENGTAN_LOG is {asked!r}: give text or json, or leave it unset")
    return asked


def _threads(env: Mapping[str, str]) -> int:
    text = env.get("NENGTAN_THREADS") or str(os.cpu_count() or 1)
    if not text.isdecimal() or int(text) == 0:
        raise NengtanError(f"NENGTAN_THREADS is {text!r}: give the number of threads, such as 2, or leave it unset")
    return int(text)
