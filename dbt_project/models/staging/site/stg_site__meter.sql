-- One row per instrument; the ratio is what its readings still have to be multiplied with, until an event changes it.
select
    meter_id,
    energy_unit_id,
    carrier,
    ratios_applied,
    case
        when ratios_applied then cast(1 as decimal(18, 6)) else {{ product("ct_ratio", 6, "pt_ratio", 6, 6) }}
    end as transformer_ratio
from {{ source("site", "meters") }}
