"""What dispatch.yaml says of a plant: nodes that balance, and the devices and links between them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

HOURS_PER_GJ = 1 / 0.0036  # kWh in a GJ


@dataclass(frozen=True)
class Node:
    """A place where what is given equals what is taken, in kW; `may_waste` where too much may be let off."""

    id: str
    organization_id: str
    carrier: str
    name_zh: str
    name_en: str
    may_waste: bool = False


@dataclass(frozen=True)
class Device:
    """Something whose power is decided or given, at one node; `point` is its real series."""

    id: str
    node: str
    name_zh: str
    name_en: str
    point: str
    max_kw: float = float("inf")
    energy_unit_id: str | None = None
    carrier: str | None = None
    #: Not below what was done: tests and trials of a reserve are no waste.
    not_below_done: bool = False


@dataclass(frozen=True)
class Purchase(Device):
    """Power or heat from outside at a tariff; `contracts` (carrier: point) are taken as they were agreed."""

    contracts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sale(Device):
    """What is given to the outside, paid at one price."""

    price_cny_per_kwh: float = 0.0


@dataclass(frozen=True)
class Source(Device):
    """PV, wind, waste heat: what there is of it costs nothing and may be left unused."""


@dataclass(frozen=True)
class Converter(Device):
    """A boiler, an engine, a heat pump: linear between its least and its full load.

    `on` and `per_kw` are what an hour at zero load, as the line has it, and each kW more take of the fuel (key "") and
    give to other nodes (what is taken from a node is negative).
    """

    min_kw: float = 0.0
    on: Mapping[str, float] = field(default_factory=dict)
    per_kw: Mapping[str, float] = field(default_factory=dict)
    can_stop: bool = False
    start_cost_cny: float = 0.0
    ramp_kw_per_hour: float = float("inf")
    min_up_hours: float = 0.0
    min_down_hours: float = 0.0


@dataclass(frozen=True)
class Storage(Device):
    """A battery or a tank: `point` counts what goes in, `out_point` what comes out; wear is by kWh that comes out."""

    out_point: str = ""
    capacity_kwh: float = 0.0
    min_ratio: float = 0.0
    max_ratio: float = 1.0
    efficiency_in: float = 1.0
    efficiency_out: float = 1.0
    wear_cny_per_kwh: float = 0.0


@dataclass(frozen=True)
class Shiftable(Device):
    """A load whose energy of the day is needed, of which a share may be taken at another time of the day."""

    share: float = 1.0


@dataclass(frozen=True)
class Link:
    """A line or pipe between two nodes; `point` measures what arrives, a part is lost on the way."""

    id: str
    from_node: str
    to_node: str
    name_zh: str
    name_en: str
    point: str
    max_kw: float = float("inf")
    min_kw: float = 0.0
    loss_ratio: float = 0.0


@dataclass(frozen=True)
class Plant:
    """Everything that dispatch.yaml says."""

    organization_id: str
    nodes: Mapping[str, Node]
    devices: Mapping[str, Device]
    links: Mapping[str, Link]
    step_minutes: int = 60
    days: int = 30
    carbon_price_cny_per_t: float = 0.0

    def owner(self, device: str) -> str:
        """Return the organisation of a device."""
        return self.nodes[self.devices[device].node].organization_id

    @property
    def points(self) -> list[str]:
        """The points whose readings a day needs."""
        found = {link.point for link in self.links.values()}
        for device in self.devices.values():
            found |= {device.point, *getattr(device, "contracts", {}).values()}
            found |= {device.out_point} if isinstance(device, Storage) else set()
        return sorted(found)


_KINDS: dict[str, type[Device]] = {
    "purchase": Purchase,
    "sale": Sale,
    "source": Source,
    "converter": Converter,
    "storage": Storage,
    "shiftable": Shiftable,
}


def of(settings: Mapping[str, Any]) -> Plant:
    """Return the plant of a dispatch.yaml that was checked (lake/site/dispatch.py)."""
    given = {key: settings[key] for key in ("step_minutes", "days", "carbon_price_cny_per_t") if key in settings}
    nodes = {name: Node(id=name, **_both(name, told)) for name, told in settings["nodes"].items()}
    links = {}
    for name, told in (settings.get("links") or {}).items():
        ends = {"from_node": told["from"], "to_node": told["to"]}
        rest = {key: value for key, value in told.items() if key not in ("from", "to")}
        links[name] = Link(id=name, **ends, **_both(name, rest))
    devices = {name: _device(name, told) for name, told in settings["devices"].items()}
    return Plant(settings["organization_id"], nodes, devices, links, **given)


def _device(name: str, told: Mapping[str, Any]) -> Device:
    kind = _KINDS[told["kind"]]
    rest = _both(name, {key: value for key, value in told.items() if key not in ("kind", "at")})
    if kind is Converter:
        return Converter(id=name, **rest, **_line(told["node"], told["at"]))
    return kind(id=name, **rest)


def _both(name: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in the names: English falls back on Chinese, Chinese on the id."""
    name_zh = told.get("name_zh") or name
    return {**told, "name_zh": name_zh, "name_en": told.get("name_en") or name_zh}


def _line(node: str, at: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the line through the operating points at the least and at full load; one point is a line through zero."""
    ends = [_flows(node, point) for point in at]
    full, least = ends[-1], ends[0] if len(ends) > 1 else dict.fromkeys(ends[0], 0.0)
    span = full["power_kw"] - least["power_kw"]
    keys = (set(full) | set(least)) - {"power_kw"}
    per_kw = {key: (full.get(key, 0.0) - least.get(key, 0.0)) / span for key in sorted(keys)}
    on = {key: least.get(key, 0.0) - per_kw[key] * least["power_kw"] for key in per_kw}
    return {"max_kw": full["power_kw"], "min_kw": least["power_kw"], "on": on, "per_kw": per_kw}


def _flows(node: str, point: Mapping[str, Any]) -> dict[str, float]:
    found = {"power_kw": float(point["power_kw"]), "": float(point.get("fuel", 0.0))}
    for other, amount in (point.get("gives") or {}).items():
        found[other] = found.get(other, 0.0) + float(amount)
    for other, amount in (point.get("takes") or {}).items():
        found[other] = found.get(other, 0.0) - float(amount)
    return found
