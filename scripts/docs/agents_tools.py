"""The page of the tools that agents call, from the server that offers them."""

import asyncio
import tempfile
from pathlib import Path

from pipelines.cli.mcp import server_of
from pipelines.settings import ROOT, read_settings

_WORDS = {
    "zh": ("智能体工具（MCP）", "由工具自身生成；如何开启见 [智能体](../agents.md)。", "参数", "类型", "必填", "是"),
    "en": (
        "Tools for agents (MCP)",
        "Written from the tools themselves; how to open them: [agents](../agents.md).",
        "argument",
        "type",
        "needed",
        "yes",
    ),
}


def pages(language: str) -> dict[str, str]:
    """Return the page by its place on the site."""
    title, head, argument, kind, needed, yes = _WORDS[language]
    lines = [f"# {title}", "", head]
    with tempfile.TemporaryDirectory() as nowhere:
        settings = read_settings(ROOT / "examples/reference_park", str(Path(nowhere)), {})
        tools = asyncio.run(server_of(settings, None).list_tools())
    for tool in tools:
        lines += ["", f"## {tool.name}", "", tool.description or ""]
        asked = tool.input_schema.get("properties", {})
        if asked:
            lines += ["", f"| {argument} | {kind} | {needed} |", "|---|---|---|"]
        for name, schema in asked.items():
            must = yes if name in tool.input_schema.get("required", ()) else ""
            lines.append(f"| `{name}` | {schema.get('type', '')} | {must} |")
    return {"reference/agents_tools.md": "\n".join(lines) + "\n"}
