-- The organisations that emit: those without member organisations, with the guideline they report by. One that names
-- none, or one that the library does not know, follows the general rules, whose process formulas are not known.
select
    organizations.organization_id,
    coalesce(sets.guideline, 'gbt-32150-2025') as guideline,
    sets.sector_key,
    sets.fuel_set as guideline_fuel_set,
    coalesce(sets.gwp_set, '{{ var("gwp_set") }}') as guideline_gwp_set,
    coalesce(sets.statutory_electricity, 'national_average') as statutory_electricity,
    coalesce(sets.deducts_exports, true) as deducts_exports,
    coalesce(sets.nonfossil_is_zero, false) as nonfossil_is_zero
from {{ source("site", "organizations") }} as organizations
left join {{ source("factors", "guideline_sets") }} as sets on organizations.guideline = sets.guideline
left join
    (select distinct parent_id from {{ source("site", "organizations") }}) as parents
    on organizations.organization_id = parents.parent_id
where parents.parent_id is null
