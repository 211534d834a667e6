{{
    config(
        materialized="table",
        meta={
            "categories": [
                "organization_id",
                "organization_name_zh",
                "organization_name_en",
                "energy_unit_id",
                "energy_unit_name_zh",
                "energy_unit_name_en",
                "carrier",
                "carrier_name_zh",
                "carrier_name_en",
                "carrier_group",
                "carrier_group_name_zh",
                "carrier_group_name_en",
                "use_type",
                "role",
                "quantity_unit",
            ]
        },
    )
}}
-- The names and places of each total: one unit, carrier, use, role and unit of measure.
select distinct
    series.total_key,
    units.organization_id,
    organizations.name_zh as organization_name_zh,
    organizations.name_en as organization_name_en,
    organizations.level as organization_level,
    series.energy_unit_id,
    units.name_zh as energy_unit_name_zh,
    units.name_en as energy_unit_name_en,
    units.level,
    series.carrier,
    coalesce(carriers.name_zh, series.carrier) as carrier_name_zh,
    coalesce(carriers.name_en, series.carrier) as carrier_name_en,
    carriers.carrier_group,
    carriers.carrier_group_name_zh,
    carriers.carrier_group_name_en,
    series.use_type,
    series.role,
    series.role in ('purchase', 'internal_purchase', 'own_generation', 'end_use') as is_counted,
    series.quantity_unit
from {{ ref("int_energy__consumption_series") }} as series
inner join {{ ref("stg_site__energy_unit") }} as units on series.energy_unit_id = units.energy_unit_id
inner join {{ ref("stg_site__organization") }} as organizations on units.organization_id = organizations.organization_id
left join {{ source("factors", "carriers") }} as carriers on series.carrier = carriers.carrier
