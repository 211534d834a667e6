"""Water, gas and heat meters of CJ/T 188 behind a TCP serial server."""

from ingestion.cjt188 import Cjt188
from ingestion.meter_bus import MeterBus
from ingestion.source import Context


class Cjt188Meters(MeterBus):
    """One serial server and the meters behind it."""

    def __init__(self, context: Context) -> None:
        """Read the addresses; nothing is connected yet."""
        units = dict(context.points.frame.select("address", "unit").iter_rows())
        super().__init__(context, Cjt188(units, [str(meter) for meter in context.settings.get("unit_first") or ()]))
