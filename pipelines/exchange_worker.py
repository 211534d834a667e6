"""A round of the exchange: what partners' events ask and bring is handled, what they are to be told is posted.

The site folder is read again when a file of it changed. One round at a time: a second process waits for its turn.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import duckdb

from exchange import register
from exchange.api import criteria
from exchange.api.book import CUSTOMER
from exchange.api.host import Host
from exchange.footprints import deliveries, inbox, partners, releases
from exchange.footprints.deliveries import Desk, Given, Granting, Sent
from exchange.footprints.inbox import Event
from exchange.footprints.record import ACTIVE
from exchange.supplier_client import asking, hearing, wanted
from exchange.supplier_client.place import Place
from exchange.supplier_client.wanted import Compared
from lake import locks, published, sqlitefile
from lake.errors import LakeError, NengtanError, SourceAwayError
from lake.site.load import Site, read_site
from lake.store import Lake
from pipelines import supplier_answers
from pipelines.settings import Settings

LOG = logging.getLogger("nengtan")
_SECONDS = 2.0
_PATIENCE_S = 60.0
_COMPARED = "select supplier_id, organization_id, material, secondary_kgco2e, footprint_kgco2e from footprint.suppliers"


@dataclass
class Round:
    """What a round did."""

    handled: int = 0
    postponed: int = 0
    announced: int = 0
    handed_over: int = 0
    sent: Sent = field(default_factory=Sent)


class Worker:
    """Goes rounds for one site and one lake."""

    def __init__(self, settings: Settings, opened: Callable[[Settings], Host]) -> None:
        """Take the settings and what opens our own host; everything is opened when a round needs it."""
        self._settings, self._opened = settings, opened
        self._register = register.opened(settings.marts)
        self._lake = Lake(settings.lake)
        self._marks: tuple[tuple[str, int, int], ...] = ()
        self._site: Site | None = None
        self._host: Host | None = None

    def run(self, stop: threading.Event) -> None:
        """Go rounds until the event is set; what goes wrong is said, and tried again by the next round."""
        while not stop.is_set():
            try:
                self.round()
            except (NengtanError, OSError, duckdb.Error) as trouble:
                LOG.warning("exchange: %s", trouble)
            stop.wait(_SECONDS)

    def round(self) -> Round:
        """Go one round."""
        with self._alone():
            done, place, desk = Round(), self.place(), self.desk()
            with self._register.reading() as connection:
                waiting = inbox.due(connection, time.time())
            for event in waiting:
                self._handle(place, desk, event, done)
            for partner in place.suppliers():
                asking.requeue(place, partner)
            withdrawn = [one.record.record_id for one in releases.rows(self._lake) if one.withdrawn_at]
            done.announced = deliveries.announce(desk, withdrawn)
            done.sent = deliveries.send(desk)
            done.handed_over = supplier_answers.hand_over(self._settings, self._register, self._lake)
        return done

    def place(self) -> Place:
        """Return the asking end."""
        site = self._read()
        zone = ZoneInfo(site.settings.timezone)
        found = wanted.of_site(site.tables, datetime.now(UTC).astimezone(zone).date(), self._compared())
        known = partners.of_site(site, self._settings.environment)
        return Place(self._register, self._lake, zone, self._address(), known, list(found))

    def desk(self) -> Desk:
        """Return the supplying end."""
        self._host = self._host or self._opened(self._settings)
        known = partners.of_site(self._read(), self._settings.environment)
        return Desk(self._register, self._address(), known, granting(self._host))

    def _handle(self, place: Place, desk: Desk, event: Event, done: Round) -> None:
        sender = next((one for one in desk.partners.values() if one.inbound_client_id == event.client_id), None)
        try:
            if sender is None:
                outcome = "put aside: its sender has no address in suppliers.csv or customers.csv"
            elif sender.kind == partners.CUSTOMER:
                outcome = deliveries.answer(desk, sender, event)
            else:
                outcome = hearing.hear(place, sender, event)
        except (SourceAwayError, LakeError) as cause:
            done.postponed += 1
            with self._register.writing() as connection:
                inbox.postpone(connection, event, str(cause), time.time(), sqlitefile.now())
            return
        except NengtanError as cause:
            outcome = f"put aside: {cause}"
        done.handled += 1
        with self._register.writing() as connection:
            inbox.settle(connection, event, outcome, sqlitefile.now())

    def _read(self) -> Site:
        files = sorted([*self._settings.site.glob("*.csv"), *self._settings.site.glob("*.yaml")])
        marks = tuple((path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in files)
        if self._site is None or marks != self._marks:
            self._site, self._marks = read_site(self._settings.site, self._settings.environment), marks
        return self._site

    def _address(self) -> str:
        found = self._settings.environment.get("NENGTAN_EXCHANGE_ADDRESS")
        if not found:
            raise NengtanError("NENGTAN_EXCHANGE_ADDRESS is not set: give the https address that partners know")
        return found.rstrip("/")

    def _compared(self) -> dict[wanted.Key, Compared]:
        """Return what the published marts say of each material, nothing where none are published."""
        if not self._settings.marts_file.is_file():
            return {}
        with published.opened(self._settings.marts_file) as connection:
            try:
                rows = connection.sql(_COMPARED).fetchall()
            except duckdb.CatalogException:
                return {}
        return {(one, two, three): Compared(_decimal(other), _decimal(last)) for one, two, three, other, last in rows}

    @contextmanager
    def _alone(self) -> Iterator[None]:
        until, path = time.monotonic() + _PATIENCE_S, self._settings.marts / "locks/exchange.lock"
        with ExitStack() as stack:
            while True:
                try:
                    stack.enter_context(locks.held(path, "the exchange"))
                    break
                except LakeError:
                    if time.monotonic() > until:
                        raise
                    time.sleep(0.1)
            yield


@contextmanager
def at_work(settings: Settings, opened: Callable[[Settings], Host]) -> Iterator[None]:
    """Go rounds in a thread for the length of the block; without an address of our own nothing goes out."""
    if not settings.environment.get("NENGTAN_EXCHANGE_ADDRESS"):
        LOG.warning("exchange: no events go out: NENGTAN_EXCHANGE_ADDRESS, the address that partners know, is not set")
        yield
        return
    stop = threading.Event()
    thread = threading.Thread(target=Worker(settings, opened).run, args=(stop,), name="exchange")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def granting(host: Host) -> Granting:
    """Return what tells what a customer may see now, by the same rules as the list that it could ask for."""

    def granted(customer_id: str, version: int, asked: Mapping[str, Sequence[str]]) -> list[Given]:
        party = host.book.party(CUSTOMER, customer_id)
        if party is None:
            return []
        seen = criteria.matching(host.visible(party, datetime.now(UTC), version), asked)
        return [Given(one.record.record_id, one.body(version)["status"] == ACTIVE, one.body) for one in seen]

    return granted


def _decimal(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))
