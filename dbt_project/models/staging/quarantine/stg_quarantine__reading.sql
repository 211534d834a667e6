-- One row per refused row; the day is the site's day of its arrival.
select source, received_at, {{ local_date("received_at") }} as local_date, reason_code, reason, batch_id
from {{ source("quarantine", "reading") }}
