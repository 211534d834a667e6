-- How the demand and the power factor of a unit that buys electricity are charged, and when.
select
    energy_unit_id,
    demand_rule,
    cast(contract_kw as decimal(18, 6)) as contract_kw,
    cast(capacity_kva as decimal(18, 6)) as capacity_kva,
    cast(price_cny_per_kw as decimal(18, 6)) as price_cny_per_kw,
    cast(power_factor_standard as decimal(4, 2)) as power_factor_standard,
    coalesce(valid_from, date '0001-01-01') as valid_from,
    coalesce(valid_to, date '9999-12-31') as valid_to
from {{ source("site", "supply_contracts") }}
