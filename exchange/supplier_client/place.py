"""Where a round of asking works: the register, the lake, the partners and what is wanted of them, and the clock."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

from exchange.footprints.partners import SUPPLIER, Partner
from exchange.footprints.peer import Peer
from exchange.register import Register
from exchange.supplier_client.wanted import Wanted
from lake.store import Lake


@dataclass(frozen=True)
class Place:
    """One site's end of the exchange; `address` is what stands before `/3/footprints` at our own host."""

    register: Register
    lake: Lake
    zone: ZoneInfo
    address: str
    partners: Mapping[str, Partner]
    wanted: Sequence[Wanted]
    now: Callable[[], datetime] = field(default=partial(datetime.now, UTC))
    peer: Callable[[Partner], Peer] = Peer

    def suppliers(self, only: str | None = None) -> list[Partner]:
        """Return the suppliers that can be asked, or one of them."""
        found = [partner for partner in self.partners.values() if partner.kind == SUPPLIER]
        return [partner for partner in found if only in (None, partner.id)]

    def wanted_of(self, supplier_id: str, product_identifier: str | None = None) -> list[Wanted]:
        """Return what is wanted of a supplier, or of one of its products."""
        mine = [one for one in self.wanted if one.supplier_id == supplier_id]
        return [one for one in mine if product_identifier in (None, one.product_identifier)]
