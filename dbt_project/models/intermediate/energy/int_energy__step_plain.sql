-- The steps between readings that nobody has a reason to doubt.
select point_key, reading_us, from_us, is_last, is_integrated, quantity
from {{ ref("int_energy__reading_step") }}
where
    is_held
    and {{ reading_key("point_key", "place") }}
    not in (select reading_key from {{ ref("int_energy__reading_near") }} where is_core)
