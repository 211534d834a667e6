"""The pages of the addresses that programs call: the exchange host by its own description, the portal by its routes."""

from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any, cast

from starlette.routing import Route

from exchange.api.app import described
from exchange.api.host import Host
from ingestion.portal import description
from ingestion.portal.app import application
from ingestion.portal.web import Portal

_ACTIONS = ("get", "post", "put", "delete", "patch")
_WORDS = {
    "zh": {
        "exchange": "交换接口（PACT）",
        "exchange_head": "由交换主机自身的 OpenAPI 描述生成，主机在 `/openapi.json` 提供同一份描述。如何开通见 "
        "[碳足迹交换](../footprint_exchange.md)。",
        "portal": "填报门户地址与接口",
        "portal_head": "由门户的路由生成。`/api/` 下的地址以 JSON 应答，其余为网页；"
        "登录、角色与审批流程见 [填报门户](../portal.md)。",
        "parameter": "参数",
        "where": "位置",
        "meaning": "含义",
        "status": "状态码",
        "address": "地址",
        "method": "方法",
        "api": "供程序使用",
        "web": "网页",
    },
    "en": {
        "exchange": "Exchange API (PACT)",
        "exchange_head": "Written from the host's own OpenAPI description, which it serves at `/openapi.json`. "
        "How it is opened: [exchange of footprints](../footprint_exchange.md).",
        "portal": "Addresses of the entry portal",
        "portal_head": "Written from the portal's routes. What stands below `/api/` answers in JSON, the others are "
        "pages; sign-in, roles and approval: [the entry portal](../portal.md).",
        "parameter": "parameter",
        "where": "in",
        "meaning": "meaning",
        "status": "status",
        "address": "address",
        "method": "method",
        "api": "For programs",
        "web": "Pages",
    },
}


def pages(language: str) -> dict[str, str]:
    """Return both pages by their places on the site."""
    words = _WORDS[language]
    return {
        "reference/exchange_api.md": "\n".join(_exchange(words)) + "\n",
        "reference/portal_api.md": "\n".join(_portal(words)) + "\n",
    }


def _exchange(words: Mapping[str, str]) -> Iterator[str]:
    told: dict[str, Any] = described(cast(Host, SimpleNamespace())).openapi()
    yield from [f"# {words['exchange']}", "", words["exchange_head"]]
    for address, actions in told["paths"].items():
        for method in (name for name in _ACTIONS if name in actions):
            action = actions[method]
            yield from ["", f"## {method.upper()} {address}", "", action.get("summary", ""), ""]
            asked = action.get("parameters", ())
            if asked:
                yield from [f"| {words['parameter']} | {words['where']} | {words['meaning']} |", "|---|---|---|"]
                yield from (f"| `{one['name']}` | {one['in']} | {_cell(one.get('description', ''))} |" for one in asked)
                yield ""
            yield from [f"| {words['status']} | {words['meaning']} |", "|---|---|"]
            yield from (f"| {status} | {_cell(one['description'])} |" for status, one in action["responses"].items())


def _portal(words: Mapping[str, str]) -> Iterator[str]:
    # the routes ask nothing of the portal before a request comes
    app = application(cast(Portal, SimpleNamespace(is_secure=True)))
    routes = [route for route in app.routes if isinstance(route, Route)]
    yield from [f"# {words['portal']}", "", words["portal_head"]]
    for name, is_api in (("api", True), ("web", False)):
        yield from ["", f"## {words[name]}", ""]
        yield from [f"| {words['address']} | {words['method']} | {words['meaning']} |", "|---|---|---|"]
        for route in (one for one in routes if one.path.startswith("/api/") == is_api):
            methods = ", ".join(sorted((route.methods or set()) - {"HEAD"}))
            yield f"| `{route.path}` | {methods} | {_cell(_said(route))} |"


def _said(route: Route) -> str:
    """Return what an address for programs is for, by the portal's own description."""
    actions = description.openapi()["paths"].get(route.path.replace(":path}", "}"), {})
    return "; ".join(
        str(actions[method.lower()]["summary"]) for method in sorted(route.methods or ()) if method.lower() in actions
    )


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|").replace("<", "&lt;")
