-- What an organisation bought, made, burnt and sold of each carrier in a month, from its root unit's rows. What was
-- bought from or sold to another organisation of the same park is internal: a park leaves it out.
select
    consumption.month,
    consumption.organization_id,
    consumption.carrier,
    consumption.use_type,
    consumption.role,
    consumption.role in ('internal_purchase', 'internal_sale') as is_internal,
    {{ less_if_sold("1", "consumption.role") }} as sign,
    cast(consumption.quantity as decimal(18, 6)) as quantity,
    consumption.quantity_unit,
    cast(consumption.energy_gj as decimal(18, 6)) as energy_gj,
    consumption.estimated_ratio
from {{ ref("consumption_monthly") }} as consumption
inner join {{ ref("int_carbon__organization") }} as emitters on consumption.organization_id = emitters.organization_id
inner join {{ ref("stg_site__energy_unit") }} as units on consumption.energy_unit_id = units.energy_unit_id and units.is_root
where {{ only_rebuilt_months("consumption.month") }} and consumption.quantity is not null
