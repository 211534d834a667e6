"""The pages of the addresses that programs call, from the descriptions of the exchange host and of the portal."""

from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any, cast

from exchange.api.app import described
from exchange.api.host import Host
from ingestion.portal import description

_ACTIONS = ("get", "post", "put", "delete", "patch")
_WORDS = {
    "zh": {
        "exchange": "交换接口（PACT）",
        "exchange_head": "由交换主机自身的 OpenAPI 描述生成，主机在 `/openapi.json` 提供同一份描述。如何开通见 "
        "[碳足迹交换](../footprint_exchange.md)。",
        "portal": "填报门户接口",
        "portal_head": "由门户自身的 OpenAPI 描述生成，门户在 `/api/openapi.json` 提供同一份描述。"
        "登录、角色与审批流程见 [填报门户](../portal.md)。",
        "parameter": "参数",
        "where": "位置",
        "meaning": "含义",
        "status": "状态码",
    },
    "en": {
        "exchange": "Exchange API (PACT)",
        "exchange_head": "Written from the host's own OpenAPI description, which it serves at `/openapi.json`. "
        "How it is opened: [exchange of footprints](../footprint_exchange.md).",
        "portal": "API of the entry portal",
        "portal_head": "Written from the portal's own OpenAPI description, which it serves at `/api/openapi.json`. "
        "Sign-in, roles and approval: [the entry portal](../portal.md).",
        "parameter": "parameter",
        "where": "in",
        "meaning": "meaning",
        "status": "status",
    },
}


def pages(language: str) -> dict[str, str]:
    """Return both pages by their places on the site."""
    words = _WORDS[language]
    host: dict[str, Any] = described(cast(Host, SimpleNamespace())).openapi()  # nothing is asked of it before a request
    return {
        "reference/exchange_api.md": "\n".join(_page("exchange", host, words)) + "\n",
        "reference/portal_api.md": "\n".join(_page("portal", description.openapi(), words)) + "\n",
    }


def _page(name: str, told: Mapping[str, Any], words: Mapping[str, str]) -> Iterator[str]:
    yield from [f"# {words[name]}", "", words[f"{name}_head"]]
    for address, actions in told["paths"].items():
        for method in (one for one in _ACTIONS if one in actions):
            action = actions[method]
            yield from ["", f"## {method.upper()} {address.replace('{', '&#123;')}", "", action.get("summary", ""), ""]
            asked = action.get("parameters", ())
            if asked:
                yield from [f"| {words['parameter']} | {words['where']} | {words['meaning']} |", "|---|---|---|"]
                yield from (f"| `{one['name']}` | {one['in']} | {_cell(one.get('description', ''))} |" for one in asked)
                yield ""
            yield from [f"| {words['status']} | {words['meaning']} |", "|---|---|"]
            yield from (f"| {status} | {_cell(one['description'])} |" for status, one in action["responses"].items())


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|").replace("<", "&lt;")
