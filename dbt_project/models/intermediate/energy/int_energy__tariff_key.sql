-- A number for each unit and carrier that has prices of its own.
select energy_unit_id, carrier, cast(row_number() over (order by energy_unit_id, carrier) as integer) as tariff_key
from (select distinct energy_unit_id, carrier from {{ ref("stg_site__tariff") }}) as priced
