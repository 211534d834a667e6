-- Every organisation with each organisation above it, itself at distance 0.
select ancestor as ancestor_id, descendant as descendant_id, distance from {{ source("site", "organization_closure") }}
