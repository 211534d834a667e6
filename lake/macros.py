"""The macros of the dbt project, each a template of its own that is compiled when it is first called."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinja2

from lake.errors import LakeError

_MACRO = re.compile(r"\{%-?\s*macro\s+(\w+)\s*\(.*?\{%-?\s*endmacro\s*-?%\}", re.DOTALL)
_MATERIALIZATION = re.compile(
    r"\{%-?\s*materialization\s+(\w+)\s*,[^%]*%\}(.*?)\{%-?\s*endmaterialization\s*-?%\}", re.DOTALL
)
#: The engine's own variant of a macro, else the one for all.
_VARIANTS = ("duckdb__", "default__")


class Returned(Exception):  # noqa: N818 - it is no error
    """The way in which `return()` leaves a macro."""

    def __init__(self, value: object) -> None:
        super().__init__()
        self.value = value


class Macros:
    """Every macro by its name, `adapter.dispatch` and `return`, for the templates of an environment."""

    def __init__(self, environment: jinja2.Environment, folder: Path) -> None:
        """Find the macros and make them callable by name; none is compiled yet."""
        self._environment = environment
        texts = [path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.sql"))]
        self._texts = {found[1]: found[0] for text in texts for found in _MACRO.finditer(text)}
        self._materializations = {name: body for text in texts for name, body in _MATERIALIZATION.findall(text)}
        self._known: dict[str, Callable[..., Any]] = {}
        environment.globals |= {name: self.named(name) for name in self._texts}
        environment.globals |= {"return": _leave, "adapter": self, "target": {"schema": "main"}}

    def dispatch(self, name: str, _project: str | None = None) -> Callable[..., Any]:
        """Return the variant of a macro for this engine."""
        found = next((before + name for before in _VARIANTS if before + name in self._texts), None)
        if found is None:
            raise LakeError(f"macro {name}: it has no variant for this engine")
        return self.named(found)

    def materialization(self, name: str) -> jinja2.Template:
        """Return the body of a materialisation."""
        if name not in self._materializations:
            raise LakeError(f"materialisation {name}: the project has none of this name")
        return self._environment.from_string(self._materializations[name])

    def named(self, name: str) -> Callable[..., Any]:
        """Return a macro as a function."""

        def call(*given: Any, **named: Any) -> Any:  # noqa: ANN401 - a macro takes and returns what it likes
            if name not in self._known:
                self._known[name] = getattr(self._environment.from_string(self._texts[name]).module, name)
            try:
                return self._known[name](*given, **named)
            except Returned as left:
                return left.value

        return call


def _leave(value: object = None) -> None:
    raise Returned(value)
