"""The page of instruments and trainings of the organisations that the reader may see."""

from starlette.responses import Response

from ingestion.portal import checking, instruments
from ingestion.portal.refusal import absent
from ingestion.portal.web import Visit


def show(visit: Visit) -> Response:
    """Show what falls due, and the register."""
    mine = list(visit.rights.roles)
    if not mine:
        raise absent()
    files = checking.visible(visit.known.files, mine)
    units = {row["energy_unit_id"]: row for row in files["energy_units"].frame().to_dicts()}
    events = visit.known.site.tables["meter_events"].to_pylist()
    meters, settings = files["meters"].frame().to_dicts(), visit.known.site.settings
    found = instruments.register(meters, events, visit.known.zone, visit.today, settings.calibration_notice_days)
    people = [row for row in visit.known.site.tables["people"].to_pylist() if row["organization_id"] in mine]
    return visit.page(
        "instruments.html",
        found=found,
        levels=instruments.by_level(found),
        units=units,
        trainings=instruments.trainings(people, visit.today, settings.training_notice_days),
        persons={row["person_id"]: row for row in people},
    )
