-- The organisation that all points of a source belong to, where it is one.
select
    source,
    count(*) as points_count,
    case when min(organization_id) = max(organization_id) then min(organization_id) end as organization_id
from {{ ref("int_energy__point") }}
group by source
