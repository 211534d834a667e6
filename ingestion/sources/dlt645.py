"""Electricity meters of DL/T 645 behind a TCP serial server."""

from ingestion.dlt645 import Dlt645
from ingestion.meter_bus import MeterBus
from ingestion.source import Context


class Dlt645Meters(MeterBus):
    """One serial server and the electricity meters behind it."""

    def __init__(self, context: Context) -> None:
        """Read the addresses; nothing is connected yet."""
        super().__init__(context, Dlt645())
