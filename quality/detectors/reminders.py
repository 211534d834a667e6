"""Reminds of calibrations and trainings that end soon or have ended, told from the last day that has data.

The clock of the machine plays no part: the same readings and site folder give the same reminders.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from quality import calibrations
from quality.finding import Finding

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: A site as it was known before it had days of notice has none (-1): only what is over is told.
_LAST_DAY = "select max(local_date) as day from quality.completeness_daily"


class _Words(NamedTuple):
    """How a reminder is named and what it says; {subject} and {due} stand in braces."""

    kind: str
    name_zh: str
    name_en: str
    severity: str
    message_zh: str
    message_en: str


_CALIBRATION = {
    False: _Words(
        "calibration_due",
        "检定即将到期",
        "calibration due",
        "low",
        "{subject}的检定有效期至 {due}；请在此之前送检或更换。",
        "the calibration of {subject} is valid until {due}: have it calibrated or replaced before.",
    ),
    True: _Words(
        "calibration_expired",
        "检定过期",
        "calibration expired",
        "medium",
        "{subject}的检定有效期至 {due}，已经过期；请送检或更换。",
        "the calibration of {subject} was valid until {due}; have it calibrated or replaced.",
    ),
}
_TRAINING = {
    False: _Words(
        "training_due",
        "培训即将到期",
        "training due",
        "low",
        "{subject}的培训有效期至 {due}；请在此之前复训。",
        "the training of {subject}, is valid until {due}: renew it before.",
    ),
    True: _Words(
        "training_expired",
        "培训过期",
        "training expired",
        "medium",
        "{subject}的培训有效期至 {due}，已经过期；请复训。",
        "the training of {subject}, was valid until {due}; renew it.",
    ),
}
KINDS = tuple(words.kind for both in (_CALIBRATION, _TRAINING) for words in both.values())


def detect(connection: "DuckDBPyConnection") -> Iterator[Finding]:
    """Yield a finding for each calibration and training that has ended, or ends within the site's days of notice."""
    (zone,) = connection.execute("select timezone from ref.site").fetchone() or ("UTC",)
    for row in connection.execute(_CALIBRATIONS, {"timezone": zone}).fetchall():
        yield _finding(_CALIBRATION, "meters", row)
    for row in connection.execute(_TRAININGS).fetchall():
        yield _finding(_TRAINING, "people", row)


def _finding(both: Mapping[bool, _Words], source: str, row: tuple[Any, ...]) -> Finding:
    """Return a reminder of a row: key, its name in both languages, organisation, person, day, and if it is over."""
    key, told_zh, told_en, organization, person, due, is_over = row
    words = both[is_over]
    return Finding(
        kind=words.kind,
        kind_name_zh=words.name_zh,
        kind_name_en=words.name_en,
        severity=words.severity,
        source=source,
        subject=key,
        message_zh=words.message_zh.format(subject=told_zh, due=due),
        message_en=words.message_en.format(subject=told_en, due=due),
        evidence={"due_on": str(due)},
        organization_id=organization,
        owner=person,
    )


_PERSONS = """
    persons as (
        select person_id, any_value(name_zh) as name_zh, any_value(coalesce(name_en, name_zh)) as name_en
        from ref.people group by person_id
    )
"""
_CALIBRATIONS = f"""
    with due as ({calibrations.due(_LAST_DAY)}), {_PERSONS}

    select due.meter_id, due.meter_id || coalesce('（责任人 ' || persons.name_zh || '）', ''),
        due.meter_id || coalesce(' (in the care of ' || persons.name_en || ')', ''), units.organization_id,
        meters.person_id, due.calibration_due_on, due.calibration_due_on < due.day as is_over
    from due
    cross join ref.site as site
    inner join ref.meters as meters using (meter_id)
    inner join ref.energy_units as units using (energy_unit_id)
    left join persons on meters.person_id = persons.person_id
    where due.calibration_due_on <= due.day + to_days(coalesce(site.calibration_notice_days, -1)::integer)
    order by due.calibration_due_on, due.meter_id
"""
_TRAININGS = f"""
    with {_PERSONS}

    select people.person_id || '/' || people.trained_for, persons.name_zh || ' ' || people.trained_for,
        persons.name_en || ', ' || people.trained_for, people.organization_id, people.person_id,
        people.training_due_on, people.training_due_on < last.day as is_over
    from ref.people as people
    inner join persons using (person_id)
    cross join ({_LAST_DAY}) as last
    cross join ref.site as site
    where people.training_due_on <= last.day + to_days(coalesce(site.training_notice_days, -1)::integer)
    order by people.training_due_on, people.person_id, people.trained_for
"""
