"""Secrets stand in the environment: one that is written out in a file of the site is refused, and none is repeated."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lake import secrets
from lake.site.yaml_file import YamlFile


def check(read: YamlFile, path: str, settings: Mapping[str, Any], env: Mapping[str, str]) -> None:
    """Note each secret that is written out below a connection; no fault of the file repeats one of the environment."""
    owner = path.rpartition(".")[2]
    for place, name, text in _texts(settings, path, ""):
        for variable in secrets.variables(text):
            value = env.get(variable, "")
            read.hidden.update([value] if value and secrets.is_secret(name) else secrets.secrets_of_address(value))
        if secrets.is_written_out(name, text):
            word = name if secrets.is_secret(name) else "password"
            wanted = re.sub(r"\W+", "_", f"{owner}_{word}").upper()
            read.fault(place, f"a secret is written out, allowed: ${{{wanted}}}, with {wanted} set in the environment")


def _texts(value: Any, path: str, name: str) -> Iterator[tuple[str, str, str]]:  # noqa: ANN401 - any YAML value
    """Yield the dotted path, the nearest key and the text of every value below a value."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, f"{path}.{key}", str(key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _texts(inner, f"{path}.{place}", name)
    elif value is not None and not isinstance(value, bool):
        yield path, name, str(value)
