"""A round with the channels of a site: what is news is queued, what is due is sent until it is taken.

A notice that a mail server or a robot took is never sent again; one whose answer was lost may arrive twice.
"""

import json
import logging
import math
import time
import warnings
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from exchange import notices, reminders
from exchange.outbox import ACKNOWLEDGED, WAITING, Outbox, Standing, pause
from lake import locks, published, secrets
from lake.doors import MARTS
from lake.errors import LakeError, UplinkError
from lake.site.load import ChannelSpec, Site
from lake.site.notices import EMAIL, WITH_HOST

if TYPE_CHECKING:
    import apprise

OUTBOX = "notices.sqlite"
#: So many failures one after the other mean that a channel is away: the rest of its notices waits for the next round.
_AWAY = 3
_ANSWER = 300
#: A publication of an earlier version has no such mart.
_HAS_SUPPLIERS = (
    "select count(*) from information_schema.tables where table_schema || table_name = 'footprintsuppliers'"
)
_SUPPLIERS = "select * from footprint.suppliers order by organization_id, supplier_id, material"
_ALERTS = "select * from energy.alerts order by raised_at, alert_id"


@dataclass
class Sent:
    """What a round did with one channel."""

    queued: int = 0
    delivered: int = 0
    failed: int = 0
    is_left: bool = False


def told(folder: Path, site: Site, patience: float = 0, most_seconds: float = math.inf) -> dict[str, Sent]:
    """Go one round with every channel, and go on for `patience` seconds where something waits.

    `folder` has the published marts and the outbox; no notice is begun after `most_seconds`. Raises LakeError where
    nothing is published or another round is under way.
    """
    if not folder.is_dir():
        raise LakeError(f"nothing is published at {folder / MARTS}; `nengtan run SITE` publishes")
    found = {name: Sent() for name in site.channels}
    with locks.held(folder / "locks/notices.lock", "the notices"), closing(Outbox(folder / OUTBOX)) as outbox:
        alerts, now, supplied = _published(folder)
        for queued in (notices.queue(outbox, site, alerts, now), reminders.queue(outbox, site, supplied)):
            for name, count in queued.items():
                found[name].queued += count
        until = time.monotonic() + most_seconds
        for name, spec in site.channels.items():
            _send_all(outbox, spec, found[name], until, time.monotonic() + patience)
    return found


def standings(folder: Path, site: Site) -> list[Standing]:
    """Return how each channel stands; nothing where no round was gone yet."""
    if not site.channels or not (folder / OUTBOX).is_file():
        return []
    with closing(Outbox(folder / OUTBOX)) as outbox:
        return [outbox.standing(name) for name in site.channels]


def _published(folder: Path) -> tuple[list[dict[str, Any]], datetime, list[dict[str, Any]]]:
    with published.opened(folder / MARTS) as connection:
        alerts = connection.sql(_ALERTS).to_arrow_table().to_pylist()
        ((now,),) = connection.sql("select max(reading_at) from energy.readings_latest").fetchall()
        has_suppliers = connection.execute(_HAS_SUPPLIERS).fetchall()[0][0]
        supplied = connection.sql(_SUPPLIERS).to_arrow_table().to_pylist() if has_suppliers else []
    return list(alerts), now or datetime.now(UTC), list(supplied)


def _send_all(outbox: Outbox, spec: ChannelSpec, sent: Sent, until: float, patient: float) -> None:
    send(outbox, spec, sent, until)
    while (due := outbox.next_at(spec.id)) is not None and time.monotonic() < min(patient, until):
        time.sleep(max(0.0, min(due - time.time(), patient - time.monotonic(), 60)))
        send(outbox, spec, sent, until)
    sent.is_left = outbox.next_at(spec.id) is not None


def send(outbox: Outbox, spec: ChannelSpec, sent: Sent, until: float = math.inf) -> None:
    """Send what is due by one channel; what fails waits for longer each time."""
    due = outbox.due(spec.id, time.time())
    if not due:
        return
    deliver, failures = _deliverer(spec), 0
    for message in due:
        if failures == _AWAY or time.monotonic() > until:
            break
        told = json.loads(message.body)
        taken, answer = deliver(told["email"], told["title"], told["body"])
        at, next_at = datetime.now(UTC).isoformat(timespec="milliseconds"), None
        if not taken:
            next_at = time.time() + pause(spec.settings, message.attempts)
        outbox.attempted(message, at, ACKNOWLEDGED if taken else WAITING, answer, next_at)
        failures = 0 if taken else failures + 1
        sent.delivered += taken
        sent.failed += not taken


def _deliverer(spec: ChannelSpec) -> Callable[[str, str, str], tuple[bool, str]]:
    """Return what sends one notice by a channel; the library is only imported where there is something to send."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # a module of it names one that Python is to lose
        import apprise
        from apprise.logger import LogCapture

        asset = apprise.AppriseAsset(
            app_id="Nengtan", app_desc="Nengtan", async_mode=False, storage_mode=apprise.PersistentStoreMode.MEMORY
        )
        _service(apprise, asset, spec, "nobody@example.invalid")

    def deliver(email: str, title: str, body: str) -> tuple[bool, str]:
        service = _service(apprise, asset, spec, email)
        with LogCapture(level=logging.WARNING, fmt="%(message)s") as log:  # type: ignore[no-untyped-call]
            taken = bool(service.notify(title=title, body=body))
            said = " ".join(log.getvalue().split())
        return taken, "" if taken else _safe(spec, said)[:_ANSWER] or "not taken"

    return deliver


def _service(library: Any, asset: "apprise.AppriseAsset", spec: ChannelSpec, email: str) -> Any:  # noqa: ANN401
    service = library.Apprise.instantiate(
        str(spec.settings["url"]).replace(EMAIL, quote(email)), asset=asset, suppress_exceptions=True
    )
    if service is None:
        raise UplinkError(f"channel {spec.id}: its url is no address of apprise; correct notices.yaml")
    return service


def _safe(spec: ChannelSpec, text: str) -> str:
    """Return what a service said without the parts of its address that may be secret."""
    address = str(spec.settings["url"])
    user, _, rest = address.partition("://")[2].partition("?")[0].rpartition("@")
    shown = rest.partition("/")[0] if WITH_HOST.match(address) else ""
    parts = {part for part in f"{user}/{rest}".replace(":", "/").split("/") if len(part) > 5 and part not in shown}
    return secrets.hidden(secrets.without(text, parts))
