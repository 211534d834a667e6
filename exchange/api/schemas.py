"""The shape of a footprint in each version, as the host's description tells it."""

from typing import Any

from exchange.footprints import pact_v2, pact_v3


def footprints() -> dict[int, dict[str, Any]]:
    """Return the JSON schema of a footprint by version."""
    return {3: dict(pact_v3.SCHEMA), 2: dict(pact_v2.SCHEMA)}
