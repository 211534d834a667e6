"""A leak, a budget overrun and an expired meter, told by a real mail server and a real webhook: each once, in words."""

import json
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import duckdb
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from assets import alerts, notices
from assets.work import Work
from exchange import channels
from lake.engine import Engine
from lake.site.load import Site, read_site
from lake.site.survey import survey
from quality.detectors import channels as detector
from tests.integration import alert_site, peers

pytestmark = pytest.mark.integration
ROOT = Path(__file__).resolve().parents[2]
STARTER = ROOT / "pipelines/cli/starter"
RULES = """rule_id,kind,subject,quantity,carrier,comparison,limit_value,for_hours,severity,notify,channel,\
escalate_after_hours,escalate_notify
leak,leak,*,night_minimum,fresh_water,above,0.3,48,high,enter,mail;hook,24,review
budget,budget,works,budget_month_ratio,,above,1,0,medium,p1,mail;hook,,
meter,calibration,*,calibration_days_left,,below,0,0,medium,p1,mail;hook,,
"""
PEOPLE = """person_id,organization_id,name_zh,name_en,email,language
p1,works,李冶,Li Ye,li@plant.example,zh
p2,works,王淑贞,Wang Shuzhen,wang@plant.example,en
p3,works,沈括,Shen Kuo,,
"""
ROLES = "person_id,organization_id,role\np1,works,enter\np3,works,enter\np2,works,review\n"
CHANNELS = """channels:
  mail:
    url: "mailto://127.0.0.1:${MAIL_PORT}?from=nengtan@plant.example&name=Nengtan&to={email}"
    first_retry_seconds: 0.01
    most_retry_seconds: 0.05
  hook:
    url: "json://127.0.0.1:${HOOK_PORT}/alerts"
    language: en
    first_retry_seconds: 0.01
    most_retry_seconds: 0.05
"""


class Mailbox:
    """A mail server's handler that keeps what it takes, and refuses the first ones where it is told to."""

    def __init__(self, refused: int = 0) -> None:
        self.kept: list[Any] = []
        self.refused = refused

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.refused:
            self.refused -= 1
            return "451 try again later"
        assert isinstance(envelope.content, bytes)
        self.kept.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=policy.default)))
        return "250 OK"

    def told(self) -> list[tuple[str, str, str]]:
        """Return (to, subject, text) of each mail."""
        return [(to[0], str(mail["subject"]), mail.get_body(("plain", "html")).get_content()) for to, mail in self.kept]


@contextmanager
def mail_server(box: Mailbox, port: int) -> Iterator[int]:
    controller = Controller(box, hostname="127.0.0.1", port=port, ready_timeout=120)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


@contextmanager
def webhook() -> Iterator[tuple[int, list[dict[str, Any]]]]:
    kept: list[dict[str, Any]] = []

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            kept.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1], kept
    finally:
        server.shutdown()
        server.server_close()
        thread.join(60)


def site_of(folder: Path, mail: int, hook: int, channels_yaml: str = CHANNELS) -> Site:
    """Return the starter's site as the works of alert_site, with rules, people and channels."""
    shutil.copytree(STARTER, folder)
    for file in folder.glob("*.csv"):
        file.write_text(file.read_text("utf-8").replace("plant,", "works,"), "utf-8")
    written = {"alert_rules.csv": RULES, "people.csv": PEOPLE, "roles.csv": ROLES, "notices.yaml": channels_yaml}
    for name, text in written.items():
        (folder / name).write_text(text, "utf-8")
    return read_site(folder, {"MAIL_PORT": str(mail), "HOOK_PORT": str(hook)})


def publish(folder: Path, site: Site) -> None:
    """Publish the alerts of the site's rules, as a run does: one file that readers open."""
    folder.mkdir(exist_ok=True)
    (folder / "marts.duckdb").unlink(missing_ok=True)
    with alert_site.opened(site.tables["alert_rules"], until=date(2025, 7, 3)) as connection:
        found = alerts.of_rules(connection, alert_site.ZONE)
        connection.register("found", found)
        connection.execute(f"attach '{folder / 'marts.duckdb'}' as door")
        connection.execute("create schema door.energy")
        connection.execute("create table door.energy.alerts as from found")
        connection.execute("create table door.energy.readings_latest as from energy.readings_latest")


def test_each_is_delivered_once_to_each_person_and_group_in_their_language(tmp_path: Path) -> None:
    box = Mailbox()
    with mail_server(box, peers.free_port()) as mail, webhook() as (hook, posts):
        site = site_of(tmp_path / "site", mail, hook)
        assert site.refused.num_rows == 0
        publish(tmp_path / "lake", site)
        ports = {"MAIL_PORT": str(mail), "HOOK_PORT": str(hook)}
        work = Work(str(tmp_path / "lake"), site.path, ports, Path(), Engine())
        found = notices.tell(work, tmp_path / "lake")
        assert found == {"mail_queued": 4, "mail_delivered": 4, "hook_queued": 4, "hook_delivered": 4}
        # a second round, and one after the same data came again, tell nothing
        assert not any(notices.tell(work, tmp_path / "lake").values())
        publish(tmp_path / "lake", site)
        assert not any(notices.tell(work, tmp_path / "lake").values())
    told = box.told()
    assert [to for to, *_ in told] == ["li@plant.example", "wang@plant.example", "li@plant.example", "li@plant.example"]
    subjects = [subject for _, subject, _ in told]
    assert subjects == [
        "【高】疑似泄漏：泵站",
        "[High, not acknowledged for 24 hours] Leak suspected: Pump house",
        "【中】检定：泵站 water",
        "【中】预算：示范厂",
    ]
    assert "泵站新水夜间最小流量自 2025-06-17 起升至 9 m³/h，平日为 5（升高 80%）" in told[0][2]
    assert "发生：2025-06-19 06:00" in told[0][2]
    assert "检定有效期至 2025-06-20" in told[2][2]
    assert "为预算的 111.0%" in told[3][2]
    assert [post["title"] for post in posts] == [
        "[High] Leak suspected: Pump house",
        "[High, not acknowledged for 24 hours] Leak suspected: Pump house",
        "[Medium] Calibration: Pump house water",
        "[Medium] Budget: Works",
    ]


def test_what_was_not_taken_is_sent_again_and_never_after_it_was(tmp_path: Path) -> None:
    port, folder = peers.free_port(), tmp_path / "lake"
    with webhook() as (hook, posts):
        site = site_of(tmp_path / "site", port, hook)
        publish(folder, site)
        away = channels.told(folder, site)
        assert (away["mail"].delivered, away["mail"].failed, away["mail"].is_left) == (0, 3, True)
        assert away["hook"].delivered == len(posts) == 4
        (standing, _) = channels.standings(folder, site)
        assert "127.0.0.1" in str(standing.last_answer)
        (finding,) = detector.detect([("mail", 4, str(standing.oldest_waiting_at), str(standing.last_answer))])
        assert finding.message_en.startswith("4 notices wait for channel mail")
        box = Mailbox(refused=2)
        with mail_server(box, port):
            sent = channels.told(folder, site, patience=300)["mail"]
        assert (sent.delivered, sent.failed, sent.is_left) == (4, 2, False)
        assert not any(one.delivered or one.queued for one in channels.told(folder, site).values())
    assert sorted(subject for _, subject, _ in box.told()) == sorted({subject for _, subject, _ in box.told()})
    with closing(sqlite3.connect(folder / channels.OUTBOX)) as audit:
        outcomes = dict(audit.execute("select outcome, count(*) from attempt group by outcome"))
    assert outcomes == {"acknowledged": 8, "waiting": 5}


def test_late_data_that_moves_a_beginning_tells_nothing_twice(tmp_path: Path) -> None:
    with webhook() as (hook, posts):
        site, folder = site_of(tmp_path / "site", peers.free_port(), hook), tmp_path / "lake"
        only = Site(site.path, site.settings, site.tables, site.sources, channels={"hook": site.channels["hook"]})
        publish(folder, only)
        assert channels.told(folder, only)["hook"].delivered == 4
        earlier = datetime(2025, 6, 15, 16, tzinfo=UTC)
        with duckdb.connect(str(folder / "marts.duckdb")) as door:
            door.execute(
                "update energy.alerts set alert_id = 'moved', started_at = ?, raised_at = ? where kind = 'leak'",
                [earlier, earlier],
            )
        assert channels.told(folder, only)["hook"].queued == 0
        assert len(posts) == 4


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('channels: {ding: {url: "dingtalk://abcdefabcdef"}}', "a secret is written out"),
        ('channels: {mail: {url: "mailto://me:hunter2@smtp.example"}}', "a secret is written out"),
        ('channels: {hook: {url: "json://host/?token=hunter2&to=a@b"}}', "a secret is written out"),
        ('channels: {hook: {url: "json://host/${X}", langauge: zh}}', "langauge"),
        ("chanels: {}", "is unknown, allowed: channels"),
    ],
)
def test_a_channel_with_a_secret_or_a_slip_is_refused(tmp_path: Path, text: str, said: str) -> None:
    folder = Path(shutil.copytree(STARTER, tmp_path / "site"))
    (folder / "notices.yaml").write_text(text + "\n", "utf-8")
    found = [str(fault) for fault in survey(folder, {"X": "1"}).faults]
    assert any(fault.startswith("notices.yaml:1") and said in fault for fault in found), found
    assert not any("hunter2" in fault or "abcdef" in fault for fault in found)


def test_a_channel_by_variables_is_taken_and_a_rule_names_one_that_is_there(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(STARTER, tmp_path / "site"))
    (folder / "notices.yaml").write_text('channels:\n  ding: {url: "dingtalk://${SIGN}@${DING}"}\n', "utf-8")
    header = "rule_id,kind,subject,quantity,limit_value,comparison,channel\n"
    rules = header + "m,calibration,*,calibration_days_left,0,below,{}\n"
    (folder / "alert_rules.csv").write_text(rules.format("ding"), "utf-8")
    assert survey(folder, {"SIGN": "s3cret", "DING": "t0ken"}).faults == []
    (folder / "alert_rules.csv").write_text(rules.format("dimg"), "utf-8")
    (fault,) = survey(folder, {"SIGN": "s3cret", "DING": "t0ken"}).faults
    assert "'dimg' is no channel of notices.yaml (did you mean ding?)" in str(fault)


def test_the_example_of_the_page_is_without_faults(tmp_path: Path) -> None:
    text = (ROOT / "docs/alerts.md").read_text("utf-8").partition("```yaml\n")[2].partition("```")[0]
    folder = Path(shutil.copytree(STARTER, tmp_path / "site"))
    (folder / "notices.yaml").write_text(text, "utf-8")
    names = ("MAIL_USER", "MAIL_PASSWORD", "DINGTALK_SIGN", "DINGTALK_TOKEN", "WECOM_KEY", "FEISHU_TOKEN")
    known = read_site(folder, dict.fromkeys(names, "hidden")).channels
    assert set(known) == {"mail", "dingtalk", "wecom", "feishu", "dispatch"}
    assert "hidden" not in repr(known)
