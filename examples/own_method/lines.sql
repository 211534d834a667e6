-- CO2 of gas-shielded welding: the mass share of CO2 in the mixture, from its share of the volume.
-- Clause: own.co2_welding
select
    activity.month,
    activity.organization_id,
    activity.item,
    activity.activity,
    activity.activity_unit,
    share.value * co2.value as numerator,
    share.value * co2.value + (1 - share.value) * argon.value as denominator,
    share.factor_id,
    share.confidence as factor_confidence
from activity
inner join parameters as co2 on co2.parameter = 'molar_mass_co2'
inner join parameters as argon on argon.parameter = 'molar_mass_argon'
left join
    measured as share
    on activity.organization_id = share.organization_id
    and activity.item = share.item
    and share.property = 'purity_ratio'
    and activity.month >= share.valid_from
    and activity.month < share.valid_to
where activity.item = 'shielding_gas' and activity.side = 'consumed'
