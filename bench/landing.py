"""Readings made of numbers, as batches for the product's own landing: one way into the lake for every measurement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bench import site
from lake import decimals
from lake.batch import Batch, Landed
from lake.schemas import READING, REFUSED, UTC
from lake.store import Lake

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Delivery:
    """Readings in the order in which they are sent: the place of the point, times in microseconds of UTC, counts."""

    point: Numbers
    reading_us: Numbers
    counts: Numbers
    known_us: Numbers

    def __len__(self) -> int:
        """Return the number of readings."""
        return len(self.point)

    def where(self, chosen: npt.NDArray[np.bool_] | Numbers) -> "Delivery":
        """Return the chosen readings."""
        return Delivery(self.point[chosen], self.reading_us[chosen], self.counts[chosen], self.known_us[chosen])


def together(parts: Sequence[Delivery]) -> Delivery:
    """Return several deliveries as one."""
    names = ("point", "reading_us", "counts", "known_us")
    return Delivery(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def land(lake: Lake, points: Sequence[str], sent: Delivery, origin: str, received_at: datetime) -> Landed:
    """Land a delivery as a connector would; its payload is the sentence that says how it can be made again."""
    batch = Batch(
        source=site.SOURCE,
        origin=origin,
        payload=f"{origin}: {len(sent)} readings, made from a seed\n".encode(),
        suffix=".txt",
        received_at=received_at,
        readings=_table(points, sent),
        refused=REFUSED.empty_table(),
        decimals=site.DECIMALS,
    )
    return lake.land(batch)


def _table(points: Sequence[str], sent: Delivery) -> pa.Table:
    count = len(sent)
    columns = {
        "point_id": pa.DictionaryArray.from_arrays(sent.point.astype(np.int32), pa.array(points)),
        "reading_at": pa.array(sent.reading_us).cast(UTC),
        "value": decimals.from_counts(sent.counts, site.DECIMALS),
        "unit": _same("kWh", count),
        "status": _same("good", count),
        "known_at": pa.array(sent.known_us).cast(UTC),
        "position": pa.array(np.arange(count)),
    }
    return pa.table([columns[name] for name in READING.names], names=READING.names)


def _same(text: str, count: int) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(np.zeros(count, np.int32), pa.array([text]))
