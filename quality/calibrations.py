"""Until when each instrument is calibrated, as it stood on a day."""


def due(days: str) -> str:
    """Return SQL for meter_id, day, calibrated_on, calibration_due_on of every meter on each `day` of the SQL `days`.

    A calibration of meter_events.csv, on its day in the zone $timezone, renews that of meters.csv for as long as that
    was to hold.
    """
    return f"""
        with calibrated as (
            select meter_id, timezone($timezone, event_at)::date as calibrated_on
            from ref.meter_events where event = 'calibration'
        ),

        dated as (
            select meters.meter_id, days.day, max(calibrated.calibrated_on) as latest_on,
                any_value(meters.calibrated_on) as first_on, any_value(meters.calibration_due_on) as due_on
            from ref.meters as meters
            cross join ({days}) as days
            left join calibrated
                on meters.meter_id = calibrated.meter_id and calibrated.calibrated_on <= days.day
                and (meters.calibrated_on is null or calibrated.calibrated_on > meters.calibrated_on)
            group by meters.meter_id, days.day
        )

        select meter_id, day, coalesce(latest_on, first_on) as calibrated_on,
            case
                when latest_on is null then due_on
                else coalesce(
                    (latest_on + to_months(date_diff('month', first_on, due_on)::integer))::date,
                    case when due_on > latest_on then due_on end
                )
            end as calibration_due_on
        from dated
    """
