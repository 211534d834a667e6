"""The site folder as the portal sees it: read again when a file of it changed, the last faultless state kept."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from ingestion.portal.accounts import Policy
from lake.errors import SiteError
from lake.site.csv_file import CsvFile
from lake.site.load import Site, SourceSpec, of_survey
from lake.site.survey import survey


@dataclass(frozen=True)
class Known:
    """A faultless state of the folder: the site, and its files as they are checked against."""

    site: Site
    files: dict[str, CsvFile]
    form: SourceSpec
    read_at: datetime

    @property
    def zone(self) -> ZoneInfo:
        """The site's zone."""
        return ZoneInfo(self.site.settings.timezone)

    @property
    def today(self) -> date:
        """Today in the site's zone."""
        return datetime.now(UTC).astimezone(self.zone).date()

    @property
    def policy(self) -> Policy:
        """What the connection says of accounts and sessions."""
        said = self.form.settings
        return Policy(
            int(said["attempts"]),
            timedelta(minutes=int(said["locked_minutes"])),
            timedelta(minutes=int(said["idle_minutes"])),
            timedelta(hours=int(said["session_hours"])),
            timedelta(days=int(said["password_days"])),
            timedelta(hours=int(said["password_rest_hours"])),
            int(said["passwords_kept"]),
            timedelta(days=int(said["unused_days"])),
            str(said["second_factor"]),
        )


class Place:
    """Keeps the folder's last faultless state."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        """Read the folder; raises SiteError where it has a fault or no source of kind form."""
        self._folder, self._environment = folder, environment
        self._lock = threading.Lock()
        self._marks = self._seen()
        self._known = self._read()

    def known(self) -> Known:
        """Return the folder as it is now, or as it was before somebody put a fault into it."""
        marks = self._seen()
        with self._lock:
            if marks != self._marks:
                self._marks = marks
                try:
                    self._known = self._read()
                except SiteError:
                    return self._known
            return self._known

    def _read(self) -> Known:
        read = survey(self._folder, self._environment)
        site = of_survey(read)
        forms = [spec for spec in site.sources.values() if spec.kind == "form"]
        if not forms:
            raise SiteError(f"{self._folder}/sources.yaml has no source of kind form: add one to open the entry portal")
        return Known(site, read.files, forms[0], datetime.now(UTC))

    def _seen(self) -> tuple[tuple[str, int, int], ...]:
        files = sorted([*self._folder.glob("*.csv"), *self._folder.glob("*.yaml")])
        return tuple((path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in files)
