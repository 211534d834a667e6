"""The example of docs/protocols.md is a site without faults, and every connector takes its part of it."""

import re
from pathlib import Path

from ingestion.collector import CONNECTORS
from ingestion.source import context_of
from lake.site.load import read_site
from tests.integration import live_site

PAGE = Path(__file__).resolve().parents[4] / "docs/protocols.md"


def test_the_example_can_be_checked_and_collected(tmp_path: Path) -> None:
    blocks = dict(re.findall(r"```(yaml|csv)\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL))
    folder = live_site.write(tmp_path / "site", 1883, 502)
    (folder / "sources.yaml").write_text(blocks["yaml"], encoding="utf-8")
    (folder / "points.csv").write_text(blocks["csv"], encoding="utf-8")
    meters = sorted({line.split(",")[1] for line in blocks["csv"].splitlines()[1:]})
    carriers = {"cems": "natural_gas", "hall": "heat"}
    rows = [f"{meter},all,{carriers.get(meter, 'electricity_grid')}" for meter in meters]
    (folder / "meters.csv").write_text("\n".join(["meter_id,energy_unit_id,carrier", *rows, ""]), encoding="utf-8")
    (folder / "allocations.csv").write_text("energy_unit_id,carrier,point_id\n", encoding="utf-8")
    site = read_site(folder, {"STACK_1_PASSWORD": "123456", "PRESS_LINE_PASSWORD": "x"})
    assert {spec.kind for spec in site.sources.values()} == set(CONNECTORS)
    for spec in site.sources.values():
        context = context_of(site, spec)
        assert context.points.addresses()
        CONNECTORS[spec.kind](context).close()
