"""Where the doors of this machine keep the logs that the audit trail is made of."""

from assets import trail
from lake.trail.registers import Register
from pipelines.settings import Settings


def registers(settings: Settings) -> list[Register]:
    """Return the logs of the settings' doors."""
    return trail.registers(settings.marts, settings.portal_home, settings.dashboards_home)
