"""Where a product is made: the regions and subregions of UN M49 that PACT knows, and the provinces of China.

The area codes of the grid factors are the letters that ISO 3166-2:CN gives the provinces.
"""

REGIONS = (
    *("Africa", "Americas", "Asia", "Europe", "Oceania", "Australia and New Zealand", "Central Asia", "Eastern Asia"),
    *("Eastern Europe", "Latin America and the Caribbean", "Melanesia", "Micronesia", "Northern Africa"),
    *("Northern America", "Northern Europe", "Polynesia", "South-eastern Asia", "Southern Asia", "Southern Europe"),
    *("Sub-Saharan Africa", "Western Asia", "Western Europe"),
)
PROVINCES = frozenset((
    *("AH", "BJ", "CQ", "FJ", "GD", "GS", "GX", "GZ", "HA", "HB", "HE", "HI", "HL", "HN", "JL", "JS"),
    *("JX", "LN", "NM", "NX", "QH", "SC", "SD", "SH", "SN", "SX", "TJ", "XJ", "XZ", "YN", "ZJ"),
))  # fmt: skip


def subdivision(grid_region: str | None) -> str | None:
    """Return the subdivision of an area code of grid factors; None where the area is no province."""
    return f"CN-{grid_region}" if grid_region in PROVINCES else None
