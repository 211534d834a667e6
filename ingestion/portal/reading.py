"""Which pages of the portal show declared data: each look at them is a line of the audit log before it is answered."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.responses import Response

from ingestion.portal import audit

if TYPE_CHECKING:
    from ingestion.portal.web import Visit

_SHEET = "/sheets/{kind}/{organization}/{month}"
_READINGS = "/trace/{line:path}/readings/{point}/{batch}"
_ASKED = "/answer/{word}/materials/{material}"
#: Addresses that show figures which somebody declared or that rest on it, documents beside them, or who did what.
DECLARED = {
    _SHEET: "sheet",
    f"/api{_SHEET}": "sheet",
    f"{_SHEET}/documents/{{name}}": "document",
    f"{_SHEET}/workbook": "workbook",
    f"{_SHEET}/workbooks/{{digest}}": "workbook",
    f"{_SHEET}/trace": "trace",
    f"/api{_SHEET}/trace": "trace",
    _READINGS: "readings",
    f"/api{_READINGS}": "readings",
    f"{_READINGS}/payload": "payload",
    "/trace/{line:path}": "trace",
    "/api/trace/{line:path}": "trace",
    "/trace/footprint.contributions/{line:path}": "trace",
    "/api/trace/footprint.contributions/{line:path}": "trace",
    "/upload/marked/{word}": "workbook",
    "/suppliers": "suppliers",
    "/suppliers/answers/{entry}": "answer",
    "/suppliers/answers/{entry}/documents/{name}": "document",
    "/customers": "customers",
    "/alerts": "alerts",
    "/periods": "periods",
    "/audit": "audit",
    _ASKED: "answer",
    f"{_ASKED}/documents/{{name}}": "document",
    f"{_ASKED}/workbook": "workbook",
    "/answer/{word}/marked/{key}": "workbook",
}
#: Addresses that show no figure: who signs in, what is to be done, what the plant has, blank forms.
NOTHING_DECLARED = (
    *("/login", "/login/begin", "/login/back", "/language/{language}", "/password", "/", "/months", "/accounts"),
    *("/upload", "/templates/{kind}", "/instruments", "/handles", "/handles/{handle:path}"),
    *("/api/handles/{handle:path}", "/api/sheets", "/answer/{word}"),
    *("/second-factor", "/second-factor/new", "/sessions", "/security"),
    *("/.well-known/openid-configuration", "/sign-on/keys", "/sign-on/authorize"),
)
#: Words of an address that open something: who reads the log is not given them.
_SECRET = ("word", "key")


def noted(path: str, handler: Callable[["Visit"], Response]) -> Callable[["Visit"], Response]:
    """Return the handler of an address; where it shows declared data, a look that succeeds is noted first."""
    act = DECLARED.get(path)
    if act is None:
        return handler

    def looked(visit: "Visit") -> Response:
        response = handler(visit)
        if visit.request.method == "GET" and response.status_code < 300:
            given = visit.request.path_params
            told = "/".join(str(value) for name, value in given.items() if name not in _SECRET)
            about = audit.About(told, visit.request.url.query, given.get("organization"))
            with visit.portal.database.writing() as connection:
                audit.note(connection, visit.who, f"{audit.READING}{act}", about)
        return response

    return looked
