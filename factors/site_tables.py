"""What the models read of a site's own factors and rules: one table for each use, so that a change touches little.

An adopted grid factor changes `factor_rules_grid` and nothing else; the marts of energy rest on other tables and stay.
"""

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from factors import laboratory, numbers

RULE_KINDS = ("fuel", "grid", "coal_equivalent", "electricity_equivalent", "uncertainty")

#: Heat and standard coal per unit: what energy is converted with. `gj_per_unit` serves the emissions too.
COEFFICIENTS = ("enthalpy_kj_per_kg", "gj_per_unit", "tce_calorific_per_unit", "tce_equivalent_per_unit")
GRID = "kgco2_per_kwh"
#: Secondary data of footprints, per the unit of the row.
FOOTPRINT = "kgco2e_per_unit"


def by_use(site: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """Return `factor_rules_<kind>`, `factors_<use>`, `factor_numbers_own` and `lab_values` of a site's tables.

    `factors_coefficient` and `factors_measured` hold what counts for the site alone, `factors_grid` and `factors_fuel`
    what was imported from a published set, `factors_uncertainty` those with a stated uncertainty, `factors_footprint`
    secondary data of footprints, whoever published them.
    """
    rules, factors = site["factor_rules"], site["factors"]
    made = {f"factor_rules_{kind}": rules.filter(pc.field("kind") == kind) for kind in RULE_KINDS}
    grid, own = pc.field("property") == GRID, pc.field("factor_set").is_null()
    coefficient, footprint = pc.field("property").isin(COEFFICIENTS), pc.field("property") == FOOTPRINT
    return made | {
        "factors_grid": factors.filter(grid),
        "factors_footprint": factors.filter(footprint),
        "factors_fuel": factors.filter(~grid & ~footprint & ~own),
        "factors_coefficient": factors.filter(~grid & own & coefficient),
        "factors_measured": factors.filter(~grid & ~footprint & own & ~coefficient),
        "factors_uncertainty": factors.filter(~pc.field("uncertainty_ratio").is_null()),
        "factor_numbers_own": numbers.own(factors),
        "lab_values": laboratory.values(site["lab_results"]),
    }
