{{ config(materialized="table") }}
-- Of each day and band the first window of the highest demand. Millions of windows are only aggregated, twice: keeping
-- them in between costs more.
with
    highest as (

        select supply_key, local_date, band, max(demand_kw) as demand_kw
        from {{ ref("int_energy__supply_window") }}
        group by supply_key, local_date, band

    )

select highest.supply_key, highest.local_date, highest.band, highest.demand_kw, min(windows.window_us) as window_us
from {{ ref("int_energy__supply_window") }} as windows
inner join
    highest
    on windows.supply_key = highest.supply_key
    and windows.local_date = highest.local_date
    and windows.band = highest.band
    and windows.demand_kw = highest.demand_kw
group by highest.supply_key, highest.local_date, highest.band, highest.demand_kw
