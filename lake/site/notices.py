"""notices.yaml: the channels that alerts are sent by. Who has none, has no such file, and nothing is sent."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lake.site import declared, secrets
from lake.site.yaml_file import YamlFile, check_paths, read_yaml, with_variables

FILE = "notices.yaml"
EMAIL = "{email}"
#: Schemes in which a host stands before what may be a secret; everywhere else the address itself is the secret.
WITH_HOST = re.compile(r"(?:mailtos?|jsons?|xmls?|forms?)://", re.IGNORECASE)
_VARIABLES = re.compile(r"[a-z0-9+]+://(?:\$\{[A-Za-z_][A-Za-z0-9_]*\}[/@:]?)+(?:\?.*)?", re.IGNORECASE)


def read_notices(path: Path, env: Mapping[str, str]) -> tuple[YamlFile, dict[str, dict[str, Any]]]:
    """Read and check the file; return each channel with defaults and variables filled in."""
    if not (path / FILE).is_file():
        return YamlFile(FILE), {}
    read = read_yaml(path / FILE)
    channels = read.content.get("channels")
    for key in set(read.content) - {"channels"}:
        read.fault(key, "is unknown, allowed: channels")
    if not isinstance(channels, dict):
        if read.content or not read.faults:
            read.fault("channels", "is missing, allowed: `channels:` with one key for each channel")
        return read, {}
    found: dict[str, dict[str, Any]] = {}
    for name, channel in channels.items():
        prefix = f"channels.{name}"
        if not isinstance(channel, dict):
            read.fault(prefix, "must be a map, allowed: `url:` and `language:`")
            continue
        address = str(channel.get("url", ""))
        place, _, parameters = address.partition("?")  # an address of mail among the parameters has an @, too
        secrets.check(read, prefix, {**channel, "url": place}, env)
        secrets.check(read, prefix, {"url": f"://?{parameters}"}, env)
        if "://" in address and not WITH_HOST.match(address) and not _VARIABLES.fullmatch(address):
            scheme = address.partition("://")[0]
            wanted = f"{scheme}://${{NAME}}, with NAME set in the environment"
            read.fault(f"{prefix}.url", f"a secret is written out, allowed: {wanted}")
        given = with_variables(read, prefix, channel, env)
        found[str(name)] = check_paths(read, f"{prefix}.", given, declared.notice_settings())
    return read, found
