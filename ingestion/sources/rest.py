"""REST services: JSON pages fetched over HTTP, mapped by JSONPath, read onwards from the latest landed reading."""

import json
import random
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.compute as pc

from ingestion import admit
from ingestion.mapping import Columns, Document, DocumentError, JsonMapping
from ingestion.paging import Paging
from ingestion.source import Context, Keep, Memory, now
from ingestion.time import Clock
from lake.batch import Batch
from lake.errors import SourceAwayError, SourceShapeError
from lake.schemas import READING

_ATTEMPTS = 4
_PAGES = 100_000


def read(context: Context, memory: Memory, keep: Keep) -> Iterator[Batch]:
    """Yield a batch per page that has records."""
    del keep  # a page is in memory, the landing keeps it
    mapping = _mapping(context)
    latest = _latest(context, memory)
    paging = Paging(context.settings.get("paging") or {})
    token = context.settings.get("token")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with httpx.Client(headers=headers, timeout=30, follow_redirects=True) as client:
        url, parameters = str(context.settings["url"]), paging.first(latest)
        for _ in range(_PAGES):
            body = _get(client, context.source, url, parameters)
            batch, latest = _batch(context, mapping, body, latest)
            if batch is not None:
                yield batch
            following = paging.following(body, (url, parameters), is_empty=batch is None)
            if following is None:
                return
            url, parameters = following
    raise SourceShapeError(
        f"source {context.source}: more than {_PAGES} pages; its paging has no end, correct `paging`"
    )


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
            raise SourceShapeError(f"source {source}: {url!r} is no address; correct `url`") from cause
        except httpx.TransportError as cause:
            trouble = f"{type(cause).__name__} at {url}"
            continue
        if answer.status_code < 400:
            return answer.content
        trouble = f"HTTP {answer.status_code} at {url}"
        if answer.status_code < 500 and answer.status_code != 429:
            raise SourceAwayError(f"source {source}: {trouble}; check its url and token")
    raise SourceAwayError(f"source {source}: does not answer ({trouble}); run again when it is back")


def _latest(context: Context, memory: Memory) -> datetime | None:
    landed = json.loads(memory.last_cursor) if memory.last_cursor else {}
    if landed.get("read_as") != context.fingerprint() or not landed.get("latest"):
        return None
    return datetime.fromisoformat(landed["latest"])


def _batch(
    context: Context, mapping: JsonMapping, body: bytes, latest: datetime | None
) -> tuple[Batch | None, datetime | None]:
    received_at = now()
    columns = Columns()
    try:
        mapping.gather(0, Document(body), columns)
    except DocumentError as trouble:
        text = body[:2000].decode(errors="replace")
        admitted = admit.Admitted(READING.empty_table(), admit.refusal(0, "bad_payload", f"page: {trouble}", text))
    else:
        rows = columns.table()
        if rows.num_rows == 0:
            return None, latest
        clock = Clock(zone=context.zone(), unit=context.mapping().get("time_unit", "iso"))
        admitted = admit.admit(rows, context.points, context.rules(clock), received_at, verbatim_of(rows))
    seen = pc.max(admitted.readings.column("reading_at")).as_py()
    latest = max((at for at in (latest, seen) if at is not None), default=None)
    cursor = {"latest": latest.isoformat() if latest else None, "read_as": context.fingerprint()}
    batch = Batch(
        source=context.source,
        origin="page",
        payload=body,
        suffix=".json",
        received_at=received_at,
        readings=admitted.readings,
        refused=admitted.refused,
        decimals=context.decimals,
        cursor=json.dumps(cursor),
        quiet=True,
    )
    return batch, latest


def verbatim_of(rows: pa.Table) -> admit.Verbatim:
    """Return the values of refused positions as they were received."""

    def verbatim(positions: list[int]) -> list[str]:
        given = rows.select(["address", "time", "value"]).take(pa.array(positions)).to_pylist()
        return [json.dumps(row, ensure_ascii=False) for row in given]

    return verbatim
