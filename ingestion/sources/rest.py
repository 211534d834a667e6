"""REST services: JSON pages fetched over HTTP, mapped by JSONPath, read onwards from the latest landed reading."""

import json
import logging
import random
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.compute as pc

from ingestion import admit
from ingestion.mapping import Columns, Document, DocumentError, JsonMapping
from ingestion.paging import Page, Paging
from ingestion.source import Context, Keep, Memory, now
from ingestion.time import Clock
from lake.batch import Batch
from lake.errors import SourceAwayError, SourceShapeError
from lake.schemas import READING
from lake.secrets import hidden

logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs whole addresses, and these may hold a password
_ATTEMPTS = 4
_PAGES = 100_000


def read(context: Context, memory: Memory, keep: Keep) -> Iterator[Batch]:
    """Yield a batch per page that has records.

    Only the last one moves the time to read onwards from: pages need not come in the order of time, and a run may be
    killed between two of them.
    """
    del keep  # a page is in memory, the landing keeps it
    latest = _latest(context, memory)
    greatest, held = latest, None
    for batch in _batches(context, latest):
        if held is not None:
            yield replace(held, cursor=_cursor(context, latest))
        held = batch
        seen = pc.max(batch.readings.column("reading_at")).as_py()
        greatest = max((at for at in (greatest, seen) if at is not None), default=None)
    if held is not None:
        yield replace(held, cursor=_cursor(context, greatest))


def _batches(context: Context, latest: datetime | None) -> Iterator[Batch]:
    """Ask for page after page; a page that is not of the mapping's shape is refused and ends the asking."""
    mapping, paging = _mapping(context), Paging(context.settings.get("paging") or {})
    token = context.settings.get("token")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    here: Page | None = (str(context.settings["url"]), paging.first(latest))
    with httpx.Client(headers=headers, timeout=30, follow_redirects=True) as client:
        for _ in range(_PAGES):
            if here is None:
                return
            body = _get(client, context.source, *here)
            columns = Columns()
            try:
                mapping.gather(0, Document(body), columns)
            except DocumentError as trouble:
                text = body[:2000].decode(errors="replace")
                refused = admit.refusal(0, "bad_payload", f"{hidden(here[0])}: {trouble}", text)
                yield _batch(context, body, admit.Admitted(READING.empty_table(), refused))
                return
            if columns.address:
                yield _batch(context, body, _admitted(context, mapping.table(columns)))
            here = paging.following(body, here, is_empty=not columns.address)
    raise SourceShapeError(f"source {context.source}: more than {_PAGES} pages; correct `paging`, it has no end")


def _mapping(context: Context) -> JsonMapping:
    """Compile the mapping; a service that names tags may say `tag` and `value`."""
    given = context.mapping()
    return JsonMapping(
        {**given, "device": given.get("device", given.get("tag")), "values": given.get("values", given.get("value"))}
    )


def _get(client: httpx.Client, source: str, url: str, parameters: Mapping[str, Any]) -> bytes:
    trouble = ""
    for attempt in range(_ATTEMPTS):
        if attempt:
            time.sleep(0.25 * 2**attempt * (1 + random.random()))  # noqa: S311 - jitter, not a secret
        try:
            answer = client.get(url, params=dict(parameters) or None)
        except httpx.InvalidURL as cause:
            raise SourceShapeError(f"source {source}: {hidden(url)!r} is no address; correct `url`") from cause
        except httpx.TransportError as cause:
            trouble = f"{type(cause).__name__} at {hidden(url)}"
            continue
        if answer.status_code < 400:
            return answer.content
        trouble = f"HTTP {answer.status_code} at {hidden(url)}"
        if answer.status_code < 500 and answer.status_code != 429:
            raise SourceAwayError(f"source {source}: {trouble}; check its url and token")
    raise SourceAwayError(f"source {source}: does not answer ({trouble}); run again when it is back")


def _latest(context: Context, memory: Memory) -> datetime | None:
    landed = json.loads(memory.last_cursor) if memory.last_cursor else {}
    if landed.get("read_as") != context.fingerprint() or not landed.get("latest"):
        return None
    return datetime.fromisoformat(landed["latest"])


def _cursor(context: Context, latest: datetime | None) -> str:
    return json.dumps({"latest": latest.isoformat() if latest else None, "read_as": context.fingerprint()})


def _admitted(context: Context, rows: pa.Table) -> admit.Admitted:
    def verbatim(positions: list[int]) -> list[str]:
        given = rows.select(["address", "time", "value"]).take(pa.array(positions)).to_pylist()
        return [json.dumps(row, ensure_ascii=False) for row in given]

    clock = Clock(zone=context.zone(), unit=context.mapping().get("time_unit", "iso"))
    return admit.admit(rows, context.points, context.rules(clock), now(), verbatim)


def _batch(context: Context, body: bytes, admitted: admit.Admitted) -> Batch:
    return Batch(
        source=context.source,
        origin="page",
        payload=body,
        suffix=".json",
        received_at=now(),
        readings=admitted.readings,
        refused=admitted.refused,
        decimals=context.decimals,
        quiet=True,
    )
