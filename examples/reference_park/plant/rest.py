"""The energy centre's control system: a paged REST service behind a bearer token."""

import asyncio
import contextlib
import secrets
import socket
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

import uvicorn
from fastapi import FastAPI, Header, HTTPException, Query

from examples.reference_park.plant import planted
from examples.reference_park.plant.day import LOCAL, Day

SOURCE = "energy_centre_rest"
PATH = "/api/v1/readings"


class _QuietServer(uvicorn.Server):
    """A server that leaves signals to the plant."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Service:
    """What has been recorded so far, by page."""

    def __init__(self, day: Day) -> None:
        """Begin with nothing recorded."""
        self._day = day
        self._items: list[tuple[datetime, dict[str, Any]]] = []
        self.token = secrets.token_urlsafe(16)

    def record(self, quarter: int) -> None:
        """Add a quarter hour's readings."""
        rows = [(reading.at, reading.address, float(reading.value)) for reading in self._day.at(SOURCE, quarter)]
        for bad in planted.of(SOURCE, quarter, self._day.start.date()):
            rows.append((datetime.fromisoformat(bad.at).replace(tzinfo=LOCAL), bad.tag, float(bad.value)))
        for at, tag, value in sorted(rows):
            self._items.append((at, {"tag": tag, "ts": at.isoformat(), "value": value, "quality": "good"}))

    def page(self, since: datetime | None, number: int, size: int) -> dict[str, Any]:
        """Return one page of the readings at or after `since`, and where the next one is."""
        if since is not None and since.tzinfo is None:
            since = since.replace(tzinfo=LOCAL)
        chosen = [item for at, item in self._items if since is None or at >= since]
        end = number * size
        following = None
        if end < len(chosen):
            from_time = f"&since={since.strftime('%Y-%m-%dT%H:%M:%S%z').replace('+', '%2B')}" if since else ""
            following = f"{PATH}?page={number + 1}&page_size={size}{from_time}"
        return {"page": number, "total": len(chosen), "items": chosen[end - size : end], "next": following}

    def application(self) -> FastAPI:
        """Return the web application."""
        application = FastAPI(title="Energy centre control system", docs_url=None, redoc_url=None)

        @application.get(PATH)
        async def readings(
            authorization: Annotated[str, Header()] = "",
            since: datetime | None = None,
            page: Annotated[int, Query(ge=1)] = 1,
            page_size: Annotated[int, Query(ge=1, le=5000)] = 1000,
        ) -> dict[str, Any]:
            if not secrets.compare_digest(authorization, f"Bearer {self.token}"):
                raise HTTPException(401, "a bearer token is needed")
            return self.page(since, page, page_size)

        return application

    async def start(self) -> int:
        """Listen on a free loopback port and return it."""
        listening = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(self.application(), log_config=None, lifespan="off", access_log=False)
        self._server = _QuietServer(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[listening]))
        while not self._server.started:
            await asyncio.sleep(0.02)
        port: int = listening.getsockname()[1]
        return port

    async def stop(self) -> None:
        """Close the service."""
        self._server.should_exit = True
        await self._task
