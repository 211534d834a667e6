"""A mill that buys lime and scrap, with its entry portal, and what its suppliers see behind their links."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.integration import portal_site
from tests.integration.portal_site import Browserless, Portal

FILES = {
    "suppliers.csv": "supplier_id,organization_id,name_zh,name_en,contact,email,language\n"
    "lime_works,mill,南岭石灰厂,South Ridge Lime,王工,lime@works.example,zh\n"
    "scrap_yard,,北郊废钢站,North Yard Scrap,Mr Hill,yard@scrap.example,en\n",
    "supplier_materials.csv": "supplier_id,material,organization_id,name_zh,name_en,unit,fallback_factor_id,"
    "penalty_ratio,share,asked_on,due_on,source\n"
    "lime_works,lime,mill,冶金石灰,Metallurgical lime,t,own-lime,0.2,1,,,letter\n"
    "lime_works,dolomite,mill,白云石,Dolomite,t,,0.2,1,,,letter\n"
    "scrap_yard,scrap,steel,废钢,Steel scrap,t,,0.3,0.7,2024-11-01,2024-12-01,letter\n",
    "factors.csv": "factor_id,organization_id,carrier,item,property,value,unit,valid_from,valid_to,"
    "source,confidence,reason\n"
    "own-lime,,,lime,kgco2e_per_unit,1150,t,,,invented for the test,recalled,no answer yet\n",
}
ROLES = "li,steel,enter\n"


@contextmanager
def running(folder: Path) -> Iterator[Portal]:
    """Start the portal in this process for a new site with suppliers."""
    site, lake = portal_site.new(folder)
    for name, text in FILES.items():
        (site / name).write_text(text, "utf-8")
    with (site / "roles.csv").open("a", encoding="utf-8") as roles:
        roles.write(ROLES)
    with portal_site.opened(site, lake, folder / "home", {}) as (portal, _):
        yield portal


@dataclass
class Supplier:
    """Somebody behind a link, without a browser: it carries the words that each form carries."""

    client: httpx.Client
    path: str
    word: str = ""
    revision: str = ""

    def at(self, material: str) -> str:
        """The address of a material."""
        return f"{self.path}/materials/{material}"

    def get(self, path: str) -> httpx.Response:
        """Look at a page."""
        return self._seen(self.client.get(path))

    def post(self, path: str, files: dict[str, tuple[str, bytes]] | None = None, **data: str) -> httpx.Response:
        """Send a form as it was seen."""
        sent = {"word": self.word, "revision": self.revision, **data}
        return self._seen(self.client.post(path, data=sent, files=files))

    def _seen(self, answer: httpx.Response) -> httpx.Response:
        for name in ("word", "revision"):
            found = re.search(rf'name="{name}" value="([^"]*)"', answer.text)
            setattr(self, name, found[1] if found else getattr(self, name))
        return answer


def session(portal: Portal, person: str) -> Browserless:
    """Somebody of the buyer, signed in once: each sign-in costs what a password's hash costs."""
    held = _SESSIONS.get((portal.address, person))
    if held is None:
        held = _SESSIONS[portal.address, person] = portal.signed_in(person)
    return held


_SESSIONS: dict[tuple[str, str], Browserless] = {}


def linked(portal: Portal, supplier: str, organization: str = "mill", due: str = "") -> Supplier:
    """Make a link as the energy manager does and return who comes by it."""
    manager = session(portal, "li")
    page = manager.get("/suppliers").text
    due = due or re.findall(r'name="due" value="([^"]+)"', page)[0]
    made = manager.post("/suppliers", step="make", organization=organization, supplier=supplier, due=due)
    found = re.search(r"/answer/[\w-]+", made.text)
    assert found, made.text[:3000]
    return Supplier(portal.client(), found[0])


COMPUTED = {
    "way": "computed", "reference_first": "2024-01-01", "reference_last": "2024-12-31", "geography": "安徽",
    "output_quantity": "1000", "output_unit": "t", "e1_carrier": "natural_gas", "e1_quantity": "100000",
    "e1_unit": "m3_20c", "e2_carrier": "electricity_grid", "e2_quantity": "40", "e2_unit": "MWh",
    "t1_way": "truck_average", "t1_mass_t": "1000", "t1_km": "80", "process_kgco2e": "750000",
    "process_note": "石灰石分解，物料衡算",
}  # fmt: skip
RESULT = {
    "way": "result", "reference_first": "2024-01-01", "reference_last": "2024-12-31", "footprint_kgco2e": "1050",
    "fossil_kgco2e": "1050", "declared_amount": "1", "declared_unit": "t", "primary_data_share_ratio": "0.9",
}  # fmt: skip
