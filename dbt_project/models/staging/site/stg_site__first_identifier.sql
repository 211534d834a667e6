-- The industrial-internet identifier of each thing that has one; of several the first.
select subject_kind, subject_id, min(identifier) as identifier
from {{ source("site", "identifiers") }}
where subject_kind <> 'product'
group by subject_kind, subject_id
