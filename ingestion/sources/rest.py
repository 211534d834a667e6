"""REST services: JSON pages fetched over HTTP, mapped by JSONPath, read onwards from the latest landed reading.

paging: {kind: none | page | offset | next, …}
  page    parameter (page), start (1), size_parameter, size: until a page has no records
  offset  parameter (offset), size_parameter (limit), size (1000): until a page has no records
  next    path: JSONPath of the next page's address or token; with `parameter` it is a token
  since   name of the parameter that takes the time to read onwards from; since_format iso, s or ms;
          overlap (default 1h), because services, too, learn of readings late
"""

import json
import random
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urljoin

import httpx
import pyarrow as pa
import pyarrow.compute as pc

from ingestion import admit
from ingestion.durations import duration
from ingestion.mapping import Columns, Document, DocumentError, JsonMapping
from ingestion.source import Context, Keep, Memory, now
from ingestion.time import Clock
from lake.batch import Batch
from lake.errors import SourceAwayError, SourceShapeError
from lake.schemas import READING

_ATTEMPTS = 4
_PAGES = 100_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read(context: Context, memory: Memory, keep: Keep) -> Iterator[Batch]:
    """Yield a batch per page that has records."""
    del keep  # a page is in memory, the landing keeps it
    mapping = JsonMapping(context.mapping())
    latest = _latest(context, memory)
    paging = dict(context.settings.get("paging") or {})
    token = context.settings.get("token")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with httpx.Client(headers=headers, timeout=30, follow_redirects=True) as client:
        url, parameters = str(context.settings["url"]), _first(paging, latest)
        for _ in range(_PAGES):
            body = _get(client, context.source, url, parameters)
            batch, latest = _batch(context, mapping, body, latest)
            if batch is not None:
                yield batch
            following = _following(paging, body, url, parameters, is_empty=batch is None)
            if following is None:
                return
            url, parameters = following
    raise SourceShapeError(
        f"source {context.source}: more than {_PAGES} pages; its paging has no end, correct `paging`"
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


def _first(paging: Mapping[str, Any], latest: datetime | None) -> dict[str, Any]:
    parameters: dict[str, Any] = {}
    kind = paging.get("kind", "none")
    if kind in ("page", "offset"):
        parameters[_parameter(paging)] = int(paging.get("start", 1 if kind == "page" else 0))
        size = paging.get("size") or (1000 if kind == "offset" else None)
        if size:
            default = "limit" if kind == "offset" else "size"
            parameters[str(paging.get("size_parameter", default))] = int(size)
    if paging.get("since"):
        overlap = duration(paging.get("overlap", "1h")) or timedelta()
        parameters[str(paging["since"])] = _moment((latest or _EPOCH + overlap) - overlap, paging)
    return parameters


def _moment(at: datetime, paging: Mapping[str, Any]) -> str:
    layout = paging.get("since_format", "iso")
    if layout == "iso":
        return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(int(at.timestamp() * (1000 if layout == "ms" else 1)))


def _parameter(paging: Mapping[str, Any]) -> str:
    return str(paging.get("parameter") or paging["kind"])


def _following(
    paging: Mapping[str, Any], body: bytes, url: str, parameters: dict[str, Any], *, is_empty: bool
) -> tuple[str, dict[str, Any]] | None:
    kind = paging.get("kind", "none")
    if kind == "next":
        target = _next_target(paging, body)
        if not target:
            return None
        if paging.get("parameter"):
            return url, {**parameters, str(paging["parameter"]): target}
        return urljoin(url, target), {}
    if kind not in ("page", "offset") or is_empty:
        return None
    step = 1 if kind == "page" else int(paging.get("size", 1000))
    name = _parameter(paging)
    return url, {**parameters, name: parameters[name] + step}


def _next_target(paging: Mapping[str, Any], body: bytes) -> str:
    found = Columns()
    path = str(paging.get("path", "$.next"))
    try:
        JsonMapping({"values": path}).gather(0, Document(body), found)
    except DocumentError:
        return ""
    return str(found.value[0] or "")


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
