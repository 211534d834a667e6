"""What the peers' journals hold the collector to, beside what is in raw."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Generic, TypeVar

import polars as pl

from lake.store import Lake
from lake.tablerows import read
from tests.integration.mixed_load import hj212_stations, modbus_gateways, mqtt_gateway
from tests.integration.mixed_load.journal import read as journal
from tests.integration.mixed_load.plant import Plant

Reading = tuple[str, datetime, str]
Poll = tuple[int, int, int]
One = TypeVar("One", Reading, Poll)


@dataclass(frozen=True)
class Account(Generic[One]):
    """Of one kind of peer: what it may hold us to, what of it is missing, what is there more than once."""

    held_to: int
    missing: list[One]
    doubled: list[One]


def landed(lake: Lake, source: str) -> pl.DataFrame:
    """Return point_id, reading_at, value and status of everything that a source has in raw."""
    path = lake.path("raw", f"{source}__reading")
    return pl.DataFrame(read(Path(path), columns=["point_id", "reading_at", "value", "status", "known_at"]))


def _of(expected: set[Reading], lake: Lake, source: str) -> Account[Reading]:
    found = Counter(
        (point, at, f"{value.normalize():f}")
        for point, at, value in landed(lake, source).select("point_id", "reading_at", "value").iter_rows()
    )
    doubled = [reading for reading, times in found.items() if times > 1]
    return Account(len(expected), sorted(expected - found.keys()), doubled)


def mqtt(plant: Plant) -> Account[Reading]:
    """Return the account of the messages that the broker acknowledged since it has known our session."""
    lake, expected = Lake(str(plant.lake)), set()
    begun = landed(lake, "gateway")["reading_at"].min()
    for (number,) in journal(plant.journal("gateway")):
        device, at, values = mqtt_gateway.message(int(number))
        if datetime.fromtimestamp(at, UTC) < begun:
            continue
        instant = datetime.fromtimestamp(at, UTC)
        expected |= {
            (f"{device}_{key}", instant, f"{value:f}".rstrip("0").rstrip(".")) for key, value in values.items()
        }
    return _of(expected, lake, "gateway")


def hj212(plant: Plant) -> Account[Reading]:
    """Return the account of the telegrams that were answered with 9014."""
    expected = {
        (
            f"{station.lower()}_{factor}",
            hj212_stations.BASE + timedelta(minutes=10 * (int(number) + 1)),
            hj212_stations.value(int(number), factor),
        )
        for station, number in journal(plant.journal("stacks"))
        for factor in hj212_stations.FACTORS
    }
    return _of(expected, Lake(str(plant.lake)), "stacks")


def opcua(plant: Plant, since: float, until: float) -> Account[Reading]:
    """Return the account of the seconds that the server published between two instants."""
    expected = {
        (f"c{counter}", datetime.fromtimestamp(int(second), UTC), second)
        for (second,) in journal(plant.journal("line"))
        for counter in range(plant.load.counters)
        if since < int(second) < until
    }
    return _of(expected, Lake(str(plant.lake)), "line")


def _polls(plant: Plant) -> Counter[Poll]:
    """Return the polls in raw; each is there with all its registers, and each of them is right."""
    lake, found = Lake(str(plant.lake)), Counter[Poll]()
    for gateway in range(plant.load.gateways):
        rows = landed(lake, f"meters_{gateway}").filter(pl.col("status") == "good")
        named = rows.with_columns(pl.col("point_id").str.extract_groups(r"_m(?<meter>\d+)_r(?<place>\d+)").alias("at"))
        polls = (
            named.unnest("at")
            .with_columns(pl.col("meter", "place", "value").cast(pl.Int64))
            .with_columns(first=(pl.col("value") - 257 * pl.col("place")) % 65536)
            .group_by("meter", "reading_at", "first")
            .agg(registers=pl.len())
        )
        for meter, _, first, count in polls.iter_rows():
            assert count == modbus_gateways.REGISTERS, (
                f"meter {meter} of gateway {gateway}: {count} registers of a poll"
            )
            found[gateway, meter, first] += 1
    return found


def modbus(plant: Plant) -> Account[Poll]:
    """Return the account of what the meters answered."""
    expected, found = Counter[Poll](), _polls(plant)
    for port, meter, value in journal(plant.journal("meters")):
        expected[plant.modbus_ports.index(int(port)), int(meter), int(value)] += 1
    return Account(expected.total(), sorted((expected - found).elements()), sorted((found - expected).elements()))


def unreported(plant: Plant, account: Account[Poll]) -> list[Poll]:
    """Return what meters answered and nobody took, and was neither read again within two polls nor refused by name."""
    lake, told, taken = Lake(str(plant.lake)), set[tuple[int, int]](), _polls(plant)
    for gateway in range(plant.load.gateways):
        if lake.exists("quarantine", f"meters_{gateway}__reading"):
            reasons = read(lake.path("quarantine", f"meters_{gateway}__reading"), columns=["reason"])["reason"]
            told |= {(gateway, int(reason.partition(":")[0])) for reason in reasons.to_pylist()}
    tenths = int(20 * plant.load.poll_seconds)

    def is_read_again(gateway: int, meter: int, value: int) -> bool:
        return any((gateway, meter, (value + later) % 65536) in taken for later in range(1, tenths))

    return [poll for poll in account.missing if poll[:2] not in told and not is_read_again(*poll)]


def silent_meters(plant: Plant, since: float) -> list[str]:
    """Return the points of meters that were not read again after an instant."""
    lake, begun, found = Lake(str(plant.lake)), datetime.fromtimestamp(since, UTC), list[str]()
    for gateway in range(plant.load.gateways):
        last = landed(lake, f"meters_{gateway}").group_by("point_id").agg(pl.col("reading_at").max())
        found += last.filter(pl.col("reading_at") < begun)["point_id"].to_list()
    return found
