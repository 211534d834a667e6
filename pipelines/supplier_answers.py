"""Puts what suppliers' hosts answered into the entry portal, where people review and approve it.

The client that asks and the portal are strangers; here the one's answers become the other's sheets. Nothing is used
before it was approved.
"""

import json
import logging
import sqlite3

from exchange.register import Register
from exchange.supplier_client.answers import FOR_REVIEW, JUDGED, QUARANTINED, WITHDRAWN
from ingestion.portal import answers, words
from ingestion.portal.database import Database
from ingestion.portal.place import Known, Place
from ingestion.portal.refusal import Refusal
from lake import sqlitefile
from lake.errors import SiteError
from lake.store import Lake
from pipelines.settings import Settings

LOG = logging.getLogger("nengtan")
_NEWS = (
    "select * from supplier_answer where state = ?"
    " or (state = ? and entry_id is not null and withdrawal_told_at is null) order by number"
)


def hand_over(settings: Settings, kept: Register, lake: Lake) -> int:
    """Hand over what was judged, or taken back since, and is not in the portal yet; return how many that were.

    Handed over twice, an answer is one sheet all the same: a process may die in between.
    """
    with kept.reading() as connection:
        news = connection.execute(_NEWS, (JUDGED, WITHDRAWN)).fetchall()
    if not news:
        return 0
    try:
        known = Place(settings.site, settings.environment).known()
    except SiteError as trouble:
        LOG.warning("exchange: %d answers wait for an entry portal: %s", len(news), trouble)
        return 0
    database = Database(settings.portal_home / "portal.sqlite")
    return sum(_hand_over(database, known, kept, lake, row) for row in news)


def _hand_over(database: Database, known: Known, kept: Register, lake: Lake, row: sqlite3.Row) -> bool:
    """Hand over one answer; one that was taken back follows itself as deprecated, unless another takes its place."""
    is_over, said = row["state"] == WITHDRAWN, dict(json.loads(row["row"]))
    if is_over:
        said |= {"status": "deprecated", "comment": f"{row['reason_zh']} / {row['reason_en']}"}
        if _is_followed(kept, row):
            return _note(kept, row, withdrawal_told_at=sqlitefile.now())
    path = lake.payload(row["payload_hash"])
    documents = [(said["voucher"], row["payload_hash"], path.suffix, path.stat().st_size)]
    try:
        entry = answers.receive(database, known, said, documents, sender=f"pact:{row['supplier_id']}")
    except Refusal as cause:
        zh, en = (words.say(cause.key, language, **cause.facts) for language in ("zh", "en"))
        LOG.warning("exchange: an answer of %s is not taken by the portal: %s", row["supplier_id"], en)
        if is_over:
            return _note(kept, row, withdrawal_told_at=sqlitefile.now())
        return _note(kept, row, state=QUARANTINED, reason_zh=zh, reason_en=en)
    if is_over:
        _note(kept, row, withdrawal_told_at=sqlitefile.now())
    else:
        _note(kept, row, state=FOR_REVIEW, entry_id=entry, settled_at=sqlitefile.now())
    return True


def _is_followed(kept: Register, row: sqlite3.Row) -> bool:
    """Whether a later answer for the same buyer and material names this record as the one before it."""
    with kept.reading() as connection:
        others = connection.execute(
            "select row from supplier_answer where supplier_id = ? and organization_id = ? and material = ?"
            " and state in (?, ?)",
            (row["supplier_id"], row["organization_id"], row["material"], JUDGED, FOR_REVIEW),
        ).fetchall()
    return any(row["record_id"] in json.loads(other["row"]).get("preceding_ids", "").split(";") for other in others)


def _note(kept: Register, row: sqlite3.Row, **values: str) -> bool:
    with kept.writing() as connection:
        connection.execute(
            f"update supplier_answer set {', '.join(f'{name} = ?' for name in values)} where number = ? and state = ?",
            (*values.values(), row["number"], row["state"]),
        )
    return False
