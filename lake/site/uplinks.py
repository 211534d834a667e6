"""uplinks.yaml: the platforms above that a site tells its figures. Who has none, has no such file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lake.site import declared, secrets
from lake.site.yaml_file import YamlFile, check_paths, read_yaml, with_variables

FILE = "uplinks.yaml"


def read_uplinks(path: Path, env: Mapping[str, str]) -> tuple[YamlFile, dict[str, dict[str, Any]]]:
    """Read and check the file; return each uplink with defaults and variables filled in."""
    if not (path / FILE).is_file():
        return YamlFile(FILE), {}
    read = read_yaml(path / FILE)
    uplinks = read.content.get("uplinks")
    for key in set(read.content) - {"uplinks"}:
        read.fault(key, "is unknown, allowed: uplinks")
    if not isinstance(uplinks, dict):
        if read.content or not read.faults:
            read.fault("uplinks", "is missing, allowed: `uplinks:` with one key for each platform")
        return read, {}
    found: dict[str, dict[str, Any]] = {}
    for name, uplink in uplinks.items():
        prefix = f"uplinks.{name}"
        if not isinstance(uplink, dict):
            read.fault(prefix, "must be a map, allowed: `url:` and `messages:`")
            continue
        secrets.check(read, prefix, uplink, env)
        given = with_variables(read, prefix, uplink, env)
        found[name] = check_paths(read, f"{prefix}.", given, declared.uplink_settings())
        _check_messages(read, prefix, found[name])
    return read, found


def _check_messages(read: YamlFile, prefix: str, uplink: Mapping[str, Any]) -> None:
    """Say what a message lacks, which no declared path of a name that the user chose can say."""
    messages = uplink.get("messages")
    for name, message in messages.items() if isinstance(messages, dict) else ():
        for key in ("query", "key", "template"):
            if not isinstance(message, dict) or not message.get(key):
                read.fault(f"{prefix}.messages.{name}.{key}", "is missing, a message has a query, a key and a template")
    accepted = uplink.get("accepted")
    if accepted is not None and not (isinstance(accepted, dict) and accepted.get("path") and accepted.get("values")):
        read.fault(f"{prefix}.accepted", "is incomplete, it has a path and values")
