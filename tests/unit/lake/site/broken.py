"""A site folder with every kind of fault, and the place where each must be reported."""

from pathlib import Path

FILES = {
    "site.yaml": """\
id: broken site
name_zh: 坏站点
timezone: Asia/Shangai
interval_minutes: 7
currency: CNY
langauge: zh
gwp_set: AR9
""",
    "sources.yaml": """\
sources:
  historian:
    kind: files
    path: ${NO_SUCH_VARIABLE}/*.csv
    encodng: utf-8
    decimals: 12
  bus:
    kind: modbus
    url: udp://plant
  Broker:
    kind: mqtt
    url: mqtt://localhost
  pigeon:
    kind: carrier_pigeon
  flat: nothing
""",
    "organizations.csv": """\
organization_id,parent_id,name_zh,industry_code
park,,园区,
works,park,工厂,C30112
works,park,工厂二,
other,,另一园区,
mill,nowhere,钢厂,
""",
    "energy_units.csv": """\
energy_unit_id,organization_id,parent_id,kind,name_zh,is_residual,gb17167_level,carriers
park_root,park,,site,园区,true,none,
works_root,works,,workshop,工厂,,,
works_again,works,,site,工厂,,,
ring_a,works,ring_b,process,甲,,unit,
ring_b,works,ring_a,process,乙,,entity,diesel;disel
stray,works,park_root,line,丙,,,
,works,works_root,line,丁,,,
odd,works,works_root,castle,戊,,,
rest,works,works_root,common,己,true,,
rest_again,works,works_root,common,庚,true,,
""",
    "meters.csv": """\
meter_id,energy_unit_id,carrier,ct_ratio,ratios_applied,calibrated_on,calibration_due_on
m1,works_root,electricty,0,maybe,2025/1/2,
m2,works_rot,coke,1,true,2025-02-01,2024-02-01
m3,works_root,steam,1,true,,
m4,rest,steam,1,true,,
""",
    "meter_events.csv": """\
meter_id,event_at,event,final_register,initial_register,new_ratio
m1,yesterday,reset,1,0,
m1,2025-01-01T00:00:00+08:00,exchange,,-1,
m1,2025-01-02T00:00:00+08:00,ratio_change,,,
""",
    "points.csv": """\
point_id,meter_id,quantity,kind,unit,multiplier,register_size,source,address
p1,m1,active_energy_import,register,kwh,1,,historian,
p1,m1,active_energy_import,register,kWh,"1,000",,historian,p9
p2,m2,mass,interval,t,1,100,historian,
p3,m2,mass,register,t,1,,bus,1:9:0x10:uint32
p4,m3,temperature,state,degC,1,,nosuch,
p5,m3,mass,register,t,1,,historian,p2
p6,m3,mass,register
p7,m3,mass,register,t,1,,Broker,plain
""",
    "allocations.csv": """\
energy_unit_id,carrier,point_id,sign,share,use_type,role,counterparty,valid_from,valid_to
works_root,coke,p2,2,1,fuel,,,,
works_root,coke,p2,1,1.5,fuel,,,,
works_root,coke,p3,1,1,fuel,purchase,,2025-01-01,2025-07-01
works_root,coke,p3,1,1,fuel,purchase,,2025-06-01,
works_root,coke,p3,1,1,fuel,conversion,,2025-06-01,2025-06-01
works_root,steam,p4,1,1,fuel,purchase,,,
works_root,natural_gas,p5,1,1,fuel,purchase,,,
works_root,steam,p5,1,1,fuel,internal_purchase,,,
works_root,steam,p5,1,1,fuel,internal_sale,works,,
works_root,steam,p5,1,1,fuel,sale,park,,
works_root,steam,p5,1,0.7,fuel,recovered,,,
works_root,steam,p5,1,0.7,feedstock,recovered,,,
works_root,steam,p99,1,1,fuel,recovered,,,
rest,steam,p5,1,1,fuel,end_use,,,
""",
    "tariffs.csv": """\
energy_unit_id,carrier,band,start_time,end_time,months,price_cny_per_unit
works_root,electricity,peak,08:00,12:00,1-12,-1
works_root,electricity,flat,11:00,17:00,5-7,0.6
works_root,electricity,valley,22:00,06:00,13,cheap
works_root,electricity,sharp,25:00,26:00,1,1
""",
    "production.csv": """\
organization_id,product_id,month,quantity,unit,unit
works,steel,2025-13,1,t,t
""",
    "activity.csv": """\
organization_id,item,month,quantity,unit,voucher
works,limestone,2025-01,5,t,missing.pdf
""",
    "lab_results.csv": """\
sample_id,report_number,sampled_on,material,property,value,unti
""",
    "budgets.csv": """\
organization_id,energy_unit_id,measure,carrier,version,month,quantity,unit,valid_from,approved_by,approved_on,reason
works,,energy_calorific,,v1,2025-01,10,t,2025-01-01,,,plan
works,,cost,coke,v1,2025-01,10,CNY,2025-01-15,,,plan
works,ring_a,emissions_statutory,,v1,2025-01,10,tCO2e,2025-01-01,Li,,plan
works,,carrier,,v1,2025-01,10,kWh,2025-01-01,,2025-01-01,plan
works,,carrier,electricity_pv,v1,2025-01,10,kWh,2025-01-01,,,plan
mill,works_root,cost,,v1,2025-01,10,CNY,2025-01-01,,,plan
""",
    "data_plan.csv": """\
parameter_id,organization_id,energy_unit_id,kind,subject,property,definition_zh,definition_en,unit,source,instruments,frequency,missing_rule,responsible,priority,document,valid_from,valid_to,approved_by,approved_on
p1,works,,carrier,coke,,焦炭,coke,t,meter,,continuous,interpolated,nobody,measured,GB/T 32150,2025-01-01,2025-06-15,,
p2,works,,carrier,coke,carbon_content,焦炭,coke,t,lab,,monthly,none,nobody,measured,GB/T 32150,2025-01-02,,,2025-01-01
p3,mill,works_root,property,coke,,焦炭,coke,t,default,p99,monthly,none,nobody,default,GB/T 32150,2025-01-01,,,
""",
    "quota_rules.csv": """\
subject_id,organization_id,energy_unit_id,name_zh,sector,rule,year_from,year_to,unit_class,load_ratio,output_points,product_id,output_unit,benchmark,fixed_t,source,approved_by,approved_on
kiln,works,,窑,cement,published,2025,2024,,,,clinker,t,0.85,,plan,,
unit,works,,机组,power,published,2025,,,,no_such_point,,kWh,,,plan,,
mill,mill,works_root,厂,other,published,2025,,gas,,,,t,,,plan,,
free,works,,自定,other,own,2025,,,,,paper,t,,,plan,,
""",
    "calendar.csv": 'local_date,day_type\n2025-01-01,"holiday\n',
    "point.csv": "a\n",
}

#: file:line: column, and a piece of the sentence.
EXPECTED = [
    ("site.yaml:1: id", "wrong form"),
    ("site.yaml:3: timezone", "no time zone"),
    ("site.yaml:4: interval_minutes", "allowed: 1, 5, 10, 15"),
    ("site.yaml:6: langauge", "did you mean language?"),
    ("site.yaml:7: gwp_set", "'AR9' is unknown"),
    ("sources.yaml:4: sources.historian.path", "the environment has no NO_SUCH_VARIABLE"),
    ("sources.yaml:5: sources.historian.encodng", "did you mean encoding?"),
    ("sources.yaml:6: sources.historian.decimals", "at most 9"),
    ("sources.yaml:9: sources.bus.url", "wrong form"),
    ("sources.yaml:10: sources.Broker", "no good name"),
    ("sources.yaml:10: sources.Broker.topics", "is missing"),
    ("sources.yaml:10: sources.Broker.mapping", "is missing"),
    ("sources.yaml:14: sources.pigeon.kind", "'carrier_pigeon' is unknown"),
    ("sources.yaml:15: sources.flat", "must be a map"),
    ("point.csv:1: file", "did you mean points?"),
    ("organizations.csv:3: industry_code", "wrong form"),
    ("organizations.csv:4: organization_id", "'works' repeats line 3"),
    ("organizations.csv:5: organization_id", "has no root unit"),
    ("organizations.csv:5: parent_id", "one head of a site"),
    ("organizations.csv:6: organization_id", "has no root unit"),
    ("organizations.csv:6: parent_id", "'nowhere' is not in organizations.csv"),
    ("energy_units.csv:3: kind", "cannot stand at the top"),
    ("energy_units.csv:4: parent_id", "one root unit in each organisation"),
    ("energy_units.csv:5: parent_id", "its own ancestor (ring_a < ring_b < ring_a)"),
    ("energy_units.csv:6: parent_id", "its own ancestor"),
    ("energy_units.csv:7: organization_id", "differs from its parent's, allowed: park"),
    ("energy_units.csv:8: energy_unit_id", "is empty"),
    ("energy_units.csv:9: kind", "'castle' is unknown"),
    ("energy_units.csv:2: is_residual", "stands at a root unit"),
    ("energy_units.csv:7: parent_id", "'park_root' is a residual unit"),
    ("energy_units.csv:2: gb17167_level", "'none' cannot stand at the top"),
    ("energy_units.csv:5: gb17167_level", "'unit' is unknown, allowed: entity, equipment, none, sub_entity"),
    ("energy_units.csv:6: gb17167_level", "'entity' cannot stand below another unit"),
    ("energy_units.csv:6: carriers", "'disel' is unknown (did you mean diesel?)"),
    ("energy_units.csv:11: is_residual", "one residual unit below a parent"),
    ("meters.csv:5: energy_unit_id", "'rest' is a residual unit"),
    ("allocations.csv:15: energy_unit_id", "'rest' is a residual unit"),
    ("meters.csv:2: calibrated_on", "'2025/1/2' is not a date, write it as 2025-01-31"),
    ("meters.csv:2: carrier", "did you mean electricity"),
    ("meters.csv:2: ct_ratio", "allowed: more than 0"),
    ("meters.csv:2: ratios_applied", "not a yes or no"),
    ("meters.csv:3: calibration_due_on", "before calibrated_on"),
    ("meters.csv:3: energy_unit_id", "did you mean works_root?"),
    ("meter_events.csv:2: event_at", "'yesterday' is not a time"),
    ("meter_events.csv:2: point_id", "'m1' has several registers"),
    ("meter_events.csv:3: point_id", "'m1' has several registers"),
    ("meter_events.csv:3: initial_register", "-1 is out of range"),
    ("meter_events.csv:4: new_ratio", "needs the new ratio"),
    ("points.csv:2: unit", "did you mean kWh?"),
    ("points.csv:3: multiplier", "'1,000' is not a number"),
    ("points.csv:3: point_id", "'p1' repeats line 2"),
    ("points.csv:4: register_size", "no register"),
    ("points.csv:5: address", "no Modbus address"),
    ("points.csv:6: source", "'nosuch' is not in sources.yaml"),
    ("points.csv:7: address", "'p2' repeats line 4"),
    ("points.csv:8: row", "has 4 cells, the header has 9"),
    ("points.csv:9: address", "no MQTT address"),
    ("allocations.csv:2: sign", "'2' is unknown"),
    ("allocations.csv:3: share", "allowed: at most 1"),
    ("allocations.csv:3: valid_from", "same time as line 2"),
    ("allocations.csv:5: valid_from", "same time as line 4"),
    ("allocations.csv:6: valid_to", "is not after valid_from"),
    ("allocations.csv:7: point_id", "is a state"),
    ("allocations.csv:8: carrier", "'natural_gas' is counted from a meter of 'steam'"),
    ("allocations.csv:9: counterparty", "is empty"),
    ("allocations.csv:10: counterparty", "the unit's own organisation"),
    ("allocations.csv:11: counterparty", "is given for role 'sale'"),
    ("allocations.csv:13: share", "add up to 1.4"),
    ("allocations.csv:14: point_id", "'p99' is not in points.csv"),
    ("tariffs.csv:2: price_cny_per_unit", "allowed: at least 0"),
    ("tariffs.csv:3: start_time", "lies on the band of line 2"),
    ("tariffs.csv:4: end_time", "split a band at midnight"),
    ("tariffs.csv:4: months", "not a list of months"),
    ("tariffs.csv:4: price_cny_per_unit", "'cheap' is not a number"),
    ("tariffs.csv:5: end_time", "'26:00' is not a time of day"),
    ("tariffs.csv:5: start_time", "'25:00' is not a time of day"),
    ("calendar.csv:2: row", "cannot be read as CSV"),
    ("production.csv:1: unit", "stands twice"),
    ("production.csv:2: month", "'2025-13' is not a month"),
    ("activity.csv:2: voucher", "not below vouchers/"),
    ("lab_results.csv:1: unit", "is it spelt unti?"),
    ("budgets.csv:2: unit", "'t' is no unit of 'energy_calorific', allowed: one of standard_coal"),
    ("budgets.csv:3: carrier", "'coke' has no place here, allowed: empty"),
    ("budgets.csv:3: valid_from", "not the first day of a month, allowed: 2025-01-01"),
    ("budgets.csv:4: approved_on", "both who approved it and when"),
    ("budgets.csv:4: energy_unit_id", "accounted by entity"),
    ("budgets.csv:5: carrier", "is missing, allowed: the carrier"),
    ("budgets.csv:5: approved_by", "both who approved it and when"),
    ("budgets.csv:6: carrier", "allowed: electricity, which is that of every origin"),
    ("quota_rules.csv:2: year_to", "is 2024, allowed: 2025 or later"),
    ("quota_rules.csv:2: approved_by", "benchmark of the site's own is approved by somebody"),
    ("quota_rules.csv:2: approved_on", "benchmark of the site's own is approved by somebody"),
    ("quota_rules.csv:3: unit_class", "go by class"),
    ("quota_rules.csv:3: output_points", "'no_such_point' is not in points.csv"),
    ("quota_rules.csv:3: output_unit", "allowed: MWh"),
    ("quota_rules.csv:4: energy_unit_id", "'works_root' belongs to 'works'"),
    ("quota_rules.csv:4: unit_class", "is given for sector 'other'"),
    ("quota_rules.csv:4: rule", "allowed: own or verified"),
    ("quota_rules.csv:4: product_id", "exactly one of them"),
    ("quota_rules.csv:5: benchmark", "and so is fixed_t"),
    ("budgets.csv:7: energy_unit_id", "'works_root' belongs to 'works'"),
    *((f"data_plan.csv:{line}: responsible", "'nobody' is not in people.csv") for line in (2, 3, 4)),
    ("data_plan.csv:2: instruments", "is missing, allowed: the points that measure it"),
    ("data_plan.csv:2: valid_to", "allowed: 2025-06-01"),
    ("data_plan.csv:3: property", "'carbon_content' has no place here"),
    ("data_plan.csv:3: source", "does not tell a carrier"),
    ("data_plan.csv:3: valid_from", "allowed: 2025-01-01"),
    ("data_plan.csv:3: approved_by", "both who approved it and when"),
    ("data_plan.csv:4: property", "is missing, allowed: the property"),
    ("data_plan.csv:4: instruments", "has no place here"),
    ("data_plan.csv:4: instruments", "'p99' is not in points.csv"),
    ("data_plan.csv:4: energy_unit_id", "'works_root' belongs to 'works'"),
]


def write(folder: Path) -> Path:
    """Write the broken site."""
    for name, text in FILES.items():
        (folder / name).write_text(text, "utf-8")
    return folder
