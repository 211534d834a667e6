-- one sort of the readings: the last known of each time, and what was read before it
create table step as
select key, slot - before_slot as slots, before_slot as slot, value - before_value as counts
from (
    select key, slot, value, after_slot,
        case when slot_1 = slot then slot_2 else slot_1 end as before_slot,
        case when slot_1 = slot then value_2 else value_1 end as before_value
    from (
        select key, slot, value,
            lead(slot) over readings as after_slot,
            lag(slot) over readings as slot_1, lag(slot, 2) over readings as slot_2,
            lag(value) over readings as value_1, lag(value, 2) over readings as value_2
        from (
            select key, (epoch_us(reading_at) // 900000000)::integer as slot, (value * 100)::bigint as value, known_at
            from read_parquet({raw}) join point using (point_id)
            where status <> 'bad'
        )
        window readings as (partition by key order by slot, known_at)
    )
)
where after_slot is distinct from slot and before_slot is not null;
