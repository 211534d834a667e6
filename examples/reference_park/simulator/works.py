"""What a model of a works hands over: flows per quarter hour, states, output, and what it asks of the others."""

from dataclasses import dataclass, field

from examples.reference_park.simulator.clock import Series
from examples.reference_park.simulator.shapes import total


@dataclass
class Works:
    """One organisation's quarter hours.

    `flows` holds amounts per quarter hour under point ids, and under flow ids where an edge has no meter;
    `levels` holds values of power and state points at the end of each quarter hour.
    """

    flows: dict[str, Series] = field(default_factory=dict)
    levels: dict[str, Series] = field(default_factory=dict)
    products: dict[tuple[str, str, str], Series] = field(default_factory=dict)

    def feeders(self, **energy: Series) -> Series:
        """Record electricity meters by name and return their sum."""
        for name, series in energy.items():
            self.flows[f"{name}_ep"] = series
        return total(energy.values())

    def feeder_of(self, bus: str, auxiliaries: Series, **energy: Series) -> Series:
        """Record sub-meters of one feeder and its unmetered rest, and return the feeder's energy."""
        self.flows[f"{bus}__unmetered__electricity"] = auxiliaries
        return self.feeders(**energy) + auxiliaries

    def lose(self, node: str, carrier: str, amount: Series) -> Series:
        """Record what a node loses, and return it."""
        self.flows[f"{node}__loss__{carrier}"] = amount
        return amount
