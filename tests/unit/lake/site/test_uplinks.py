"""uplinks.yaml: the example of the page is without faults, and slips are named."""

import re
from pathlib import Path

from lake.site.check import check_site
from lake.site.load import read_site
from tests.integration import live_site

PAGE = Path(__file__).resolve().parents[4] / "docs/uplink.md"


def _site(folder: Path, text: str) -> Path:
    made = live_site.write(folder / "site", 1883, 502)
    (made / "uplinks.yaml").write_text(text, encoding="utf-8")
    return made


def test_the_example_of_the_page_is_read(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    uplinks = read_site(_site(tmp_path, example), {"PROVINCE_TOKEN": "hidden"}).uplinks
    assert set(uplinks["province"].settings["messages"]) == {"month", "day", "quarter_hour"}
    assert uplinks["province"].settings["timeout_seconds"] == 30
    assert "hidden" not in repr(uplinks)


def test_slips_are_named_with_their_line(tmp_path: Path) -> None:
    text = """uplinks:
  province:
    url: platform.example
    tokn: x
    accepted: {path: $.code}
    messages:
      month: {query: select 1, key: [a]}
"""
    folder = _site(tmp_path, text)
    faults = [str(fault) for fault in check_site(folder, {})]
    assert any(fault.startswith("uplinks.yaml:3: uplinks.province.url") for fault in faults)
    assert any("tokn: is unknown (did you mean token?)" in fault for fault in faults)
    assert any("accepted: is incomplete" in fault for fault in faults)
    assert any("messages.month.template: is missing" in fault for fault in faults)
    (folder / "uplinks.yaml").write_text("a: 1\n", encoding="utf-8")
    assert any("uplinks: is missing" in str(fault) for fault in check_site(folder, {}))
