"""What every request needs: the register, the files that say who may see what, the released records, the limits."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from exchange.api.book import PROCESS, Book, Party
from exchange.api.limits import Buckets
from exchange.api.policy import Policy
from exchange.api.records import Records, Seen
from exchange.register import Register


@dataclass(frozen=True)
class Host:
    """A host that is open."""

    register: Register
    book: Book
    records: Records
    policy: Policy = field(default_factory=Policy)

    @cached_property
    def of_clients(self) -> Buckets:
        """How often each client may ask."""
        return Buckets(self.policy.requests_per_minute)

    @cached_property
    def of_addresses(self) -> Buckets:
        """How often an address may ask without being a client."""
        return Buckets(self.policy.requests_per_minute)

    @cached_property
    def signing_key(self) -> bytes:
        """What links to next pages are signed with; it outlives the process."""
        with self.register.writing() as connection:
            connection.execute("insert or ignore into signing values ('link', ?)", (secrets.token_bytes(32),))
            key: bytes = connection.execute("select key from signing where purpose = 'link'").fetchone()["key"]
        return key

    def visible(self, party: Party, at: datetime, version: int = 3) -> list[Seen]:
        """Return the records that a party may see at an instant in a version, in the order of every list."""
        granted = self.book.granted(party, at)
        seen = [
            Seen(record, granted[record.product_id] == PROCESS, party.language)
            for record in self.records.released()
            if record.product_id in granted
            and self.book.deals_with(party, record.organization_id)
            and record.is_told(version)
        ]
        return sorted(seen, key=lambda one: one.place)
