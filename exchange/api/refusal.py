"""What is not done as asked, in the error form of the specification; nothing else leaves the host as an error."""

from collections.abc import Mapping

from starlette.responses import JSONResponse

#: The codes that the specification knows; v2 calls a footprint that is not there by a name of its own.
BAD_REQUEST, ACCESS_DENIED, TOKEN_EXPIRED = "BadRequest", "AccessDenied", "TokenExpired"
NOT_FOUND, NO_SUCH_FOOTPRINT = "NotFound", "NoSuchFootprint"
NOT_IMPLEMENTED, INTERNAL_ERROR = "NotImplemented", "InternalError"
_CODES = {401: BAD_REQUEST, 403: ACCESS_DENIED, 404: NOT_FOUND, 500: INTERNAL_ERROR, 501: NOT_IMPLEMENTED}


class Refusal(Exception):  # noqa: N818 - a refusal is no error of ours
    """A request that is not answered as asked: its HTTP status, the code of the specification and a sentence."""

    def __init__(
        self, status: int, message: str, code: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        """Keep what is told; without a code it follows from the status."""
        super().__init__(message)
        self.status, self.message, self.headers = status, message, dict(headers or {})
        self.code = code or _CODES.get(status, BAD_REQUEST)

    def answer(self) -> JSONResponse:
        """Return it as it is sent."""
        return JSONResponse({"code": self.code, "message": self.message}, self.status, self.headers)


class Denied(Refusal):
    """A token that is not right; `message` never says why a token that exists is not."""

    def __init__(self, message: str, code: str | None = None) -> None:
        """Keep what is told, with the header that RFC 6750 asks for."""
        super().__init__(401, message, code, {"WWW-Authenticate": 'Bearer error="invalid_token"'})
