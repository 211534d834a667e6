-- The organisations that emit: those without member organisations, with the guideline they report by.
select
    organizations.organization_id,
    organizations.guideline,
    sets.sector_key,
    sets.fuel_set as guideline_fuel_set,
    coalesce(sets.statutory_electricity, 'national_average') as statutory_electricity,
    coalesce(sets.deducts_exports, true) as deducts_exports
from {{ source("site", "organizations") }} as organizations
left join {{ source("factors", "guideline_sets") }} as sets on organizations.guideline = sets.guideline
left join
    (select distinct parent_id from {{ source("site", "organizations") }}) as parents
    on organizations.organization_id = parents.parent_id
where parents.parent_id is null
