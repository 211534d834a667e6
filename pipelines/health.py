"""How an installation stands, by what its parts left behind: no server is asked, so that a dead one is told of too."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509

from ingestion import health as collector
from lake import publication
from lake.backup.repository import Repository
from lake.engine import connected
from lake.errors import NengtanError
from lake.store import Lake
from pipelines.settings import Settings

if TYPE_CHECKING:
    from prometheus_client import Metric

WELL, WARNING, FAILING = "well", "warning", "failing"
_HOUR, _DAY = 3600.0, 86400.0
#: What runs every night may be late by two hours; a collector writes its board every few seconds.
_NIGHTLY_S, _BOARD_S = 26 * _HOUR, 120.0
_DISK_WARNING, _DISK_FAILING = 0.10, 0.03
_CERTIFICATE_WARNING, _CERTIFICATE_FAILING = 30.0, 7.0
_OUTBOXES = ("uplink.sqlite", "notices.sqlite", "exchange.sqlite")


@dataclass(frozen=True)
class Measure:
    """One number; `trouble` is a sentence where it is not as it should be, and `verdict` says how bad that is."""

    name: str
    about: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)
    verdict: str = WELL
    trouble: str | None = None


def measures(settings: Settings, now: datetime | None = None) -> list[Measure]:
    """Return what can be said; a part that cannot be read is a trouble and hides none of the others."""
    at = now or datetime.now(UTC)
    found = []
    for part in _PARTS:
        try:
            found += list(part(settings, at))
        except (NengtanError, OSError, sqlite3.Error, ValueError) as cause:
            name = part.__name__.strip("_")
            labels = {"part": name}
            found.append(
                Measure("nengtan_unreadable", "Parts that cannot be read", 1, labels, FAILING, f"{name}: {cause}")
            )
    return found


def verdict(found: list[Measure]) -> str:
    """Return the worst of the verdicts."""
    return max((one.verdict for one in found), key=(WELL, WARNING, FAILING).index, default=WELL)


def prometheus(found: list[Measure]) -> str:
    """Return the measures as monitoring reads them: the text format of Prometheus."""
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.core import GaugeMetricFamily

    families: dict[str, GaugeMetricFamily] = {}
    worst = Measure("nengtan_verdict", "0 well, 1 warning, 2 failing", (WELL, WARNING, FAILING).index(verdict(found)))
    for one in (worst, *found):
        family = families.setdefault(one.name, GaugeMetricFamily(one.name, one.about, labels=list(one.labels)))
        family.add_metric(list(one.labels.values()), one.value)
    registry = CollectorRegistry()
    registry.register(_Given(families))
    return generate_latest(registry).decode()


class _Given:
    """Hands the library what was measured already."""

    def __init__(self, families: "Mapping[str, Metric]") -> None:
        self._families = families

    def collect(self) -> "Iterator[Metric]":
        yield from self._families.values()


def _publication(settings: Settings, at: datetime) -> Iterator[Measure]:
    published = publication.last_manifest(Lake(settings.lake))
    if published is None:
        trouble = f"{settings.lake}: nothing is published yet; run the site"
        yield Measure("nengtan_publication_number", "Number of the publication", 0, {}, WARNING, trouble)
        return
    yield Measure("nengtan_publication_number", "Number of the publication", published.number)
    age = _since(published.published_at, at)
    yield _aged("nengtan_publication_age_seconds", "Since the last publication", age, "nothing was published")
    if published.newest_reading_at:
        newest = _since(published.newest_reading_at, at)
        yield Measure("nengtan_newest_reading_age_seconds", "Since the newest published reading", newest)


def _quality(settings: Settings, at: datetime) -> Iterator[Measure]:
    del at
    if not settings.marts_file.exists():
        return
    with connected(settings.marts_file, read_only=True) as connection:
        checks = "select count(*) filter (where not passed), count(*) from quality.checks"
        failed, count = connection.execute(checks).fetchone() or (0, 0)
        findings = (
            "select severity, count(*) from quality.findings where state <> 'closed' group by severity order by all"
        )
        open_findings = connection.execute(findings).fetchall()
    trouble = (
        f"{failed} of {count} checks of the last publication failed; quality.checks says which" if failed else None
    )
    yield Measure("nengtan_checks_failed", "Checks that failed", failed, {}, WARNING if failed else WELL, trouble)
    for severity, number in open_findings:
        yield Measure("nengtan_findings_open", "Findings that are open", number, {"severity": severity})


def _sources(settings: Settings, at: datetime) -> Iterator[Measure]:
    noted = collector.read(Path(settings.lake))
    if not noted:
        return
    age = _since(noted["written_at"], at)
    silent = f"the collector has written nothing for {_told(age)}; it does not run" if age > _BOARD_S else None
    about = "Since the collector wrote how its sources stand"
    yield Measure("nengtan_collector_age_seconds", about, age, {}, WARNING if silent else WELL, silent)
    for one in noted["sources"]:
        labels = {"source": one["source"], "kind": one["kind"]}
        bad = {"away": WARNING, "held_up": FAILING}.get(one["state"], WELL)
        trouble = f"{one['source']}: {one['reason']}" if bad != WELL else None
        yield Measure("nengtan_source_up", "Whether a source is there", float(bad == WELL), labels, bad, trouble)
        for name in ("landed", "repeated", "refused", "backlog", "reconnect"):
            yield Measure(f"nengtan_source_{name}", f"Rows or events: {name}", one[f"{name}_count"], labels)


def _outboxes(settings: Settings, at: datetime) -> Iterator[Measure]:
    del at
    for name in _OUTBOXES:
        path = settings.marts / name
        if not path.exists():
            continue
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            is_there = connection.execute("select 1 from sqlite_master where name = 'message'").fetchone()
            rows = connection.execute("select state, count(*) from message group by 1") if is_there else ()
            states = dict(rows)
        labels = {"outbox": path.stem}
        yield Measure("nengtan_outbox_waiting", "Messages that wait", states.get("waiting", 0), labels)
        dead = states.get("dead", 0)
        trouble = f"{path.stem}: {dead} messages were given up; their receiver never took them" if dead else None
        yield Measure("nengtan_outbox_dead", "Messages given up", dead, labels, WARNING if dead else WELL, trouble)


def _disk(settings: Settings, at: datetime) -> Iterator[Measure]:
    del at
    root = Lake(settings.lake).root
    if not root.exists():
        return
    usage = shutil.disk_usage(root)
    free = usage.free / usage.total
    bad = FAILING if free < _DISK_FAILING else WARNING if free < _DISK_WARNING else WELL
    trouble = f"{root}: {free:.1%} of its disk is free ({usage.free / 1e9:.1f} GB)" if bad != WELL else None
    yield Measure("nengtan_disk_free_bytes", "Free on the lake's disk", usage.free, {}, bad, trouble)


def _backup(settings: Settings, at: datetime) -> Iterator[Measure]:
    named = settings.environment.get("NENGTAN_BACKUP")
    if not named:
        return
    instants = Repository(Path(named).expanduser()).instants()
    if not instants:
        trouble = f"{named}: there is no backup; `nengtan backup {named}` takes one"
        yield Measure("nengtan_backup_age_seconds", "Since the last backup", float("inf"), {}, FAILING, trouble)
        return
    age = (at - instants[-1]).total_seconds()
    yield _aged("nengtan_backup_age_seconds", "Since the last backup", age, "no backup was taken")


def _certificates(settings: Settings, at: datetime) -> Iterator[Measure]:
    servers = ("exchange", "dashboards")
    told = {server: settings.environment.get(f"NENGTAN_{server.upper()}_CERTIFICATE") for server in servers}
    named = {**told, **_of_the_portal(settings)}
    for server, path in sorted((server, Path(path)) for server, path in named.items() if path):
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        days = (certificate.not_valid_after_utc - at).total_seconds() / _DAY
        bad = FAILING if days < _CERTIFICATE_FAILING else WARNING if days < _CERTIFICATE_WARNING else WELL
        trouble = f"{path}: the certificate of the {server} ends in {days:.0f} days" if bad != WELL else None
        about = "Until a server's certificate ends"
        yield Measure("nengtan_certificate_days_left", about, days, {"server": server}, bad, trouble)


def _secrets(settings: Settings, at: datetime) -> Iterator[Measure]:
    """Partners are told before their secret ends, not by a token that is refused."""
    if not (settings.marts / "exchange.sqlite").is_file():
        return
    from exchange.api import clients
    from pipelines.exchange import policy_of

    lasts, path = policy_of(settings).secret, settings.marts / "exchange.sqlite"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        is_there = connection.execute("select 1 from sqlite_master where name = 'client'").fetchone()
        found = [one for one in clients.listed(connection) if one.revoked_at is None] if is_there else []
    for one in found:
        days = (one.ends_at(lasts) - at).total_seconds() / _DAY
        bad = WARNING if days < _CERTIFICATE_WARNING else WELL
        told = f"the secret of {one.client_id} ends in {days:.0f} days; `nengtan exchange client rotate` gives another"
        about = "Until the secret of an exchange client ends"
        labels = {"client": one.client_id}
        yield Measure("nengtan_client_secret_days_left", about, days, labels, bad, told if bad != WELL else None)


def _of_the_portal(settings: Settings) -> dict[str, str]:
    from lake.site.load import read_site

    site = read_site(settings.site, settings.environment)
    form = next((spec for spec in site.sources.values() if spec.kind == "form"), None)
    path = form.settings.get("certificate") if form else None
    return {"portal": str(settings.site / str(path))} if path else {}


_PARTS: tuple[Callable[[Settings, datetime], Iterator[Measure]], ...] = (
    _publication,
    _quality,
    _sources,
    _secrets,
    _outboxes,
    _disk,
    _backup,
    _certificates,
)


def _aged(name: str, about: str, age: float, what: str) -> Measure:
    trouble = f"{what} for {_told(age)}" if age > _NIGHTLY_S else None
    return Measure(name, about, age, {}, WARNING if trouble else WELL, trouble)


def _since(text: str, at: datetime) -> float:
    return (at - datetime.fromisoformat(text)).total_seconds()


def _told(seconds: float) -> str:
    if seconds < 2 * _HOUR:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / _HOUR:.0f} hours" if seconds < 2 * _DAY else f"{seconds / _DAY:.0f} days"
