"""Reads a YAML file of a site folder with the line of every key, and checks it against its declared paths."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError

from lake import secrets
from lake.site import convert
from lake.site.declared import ColumnSpec
from lake.site.fault import Fault, allowed, nearest

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")


@dataclass
class YamlFile:
    """One YAML file: its content, the line of each dotted path, what is wrong, and what no fault may repeat."""

    file: str
    content: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set, repr=False)

    def fault(self, path: str, message: str) -> None:
        """Note a fault at a dotted path, or at its nearest parent that has a line."""
        known = path
        while known and known not in self.lines:
            known = known.rpartition(".")[0]
        told = secrets.without(message, self.hidden)
        self.faults.append(Fault(self.file, self.lines.get(known, 1), path, secrets.hidden(told)))


def read_yaml(path: Path) -> YamlFile:
    """Read a YAML file whose top is a map."""
    read = YamlFile(path.name)
    if not path.is_file():
        read.faults.append(Fault(path.name, 1, "file", "is missing, a site needs it"))
        return read
    try:
        content = YAML(typ="rt").load(path.read_text("utf-8-sig"))
    except MarkedYAMLError as cause:
        mark = cause.problem_mark or cause.context_mark
        problem = (cause.problem or "it cannot be parsed").splitlines()[0]
        read.faults.append(
            Fault(path.name, mark.line + 1 if mark else 1, "file", f"is not YAML: {problem}, mend the line")
        )
        return read
    except (UnicodeDecodeError, ReaderError):
        read.faults.append(Fault(path.name, 1, "file", "is not text in UTF-8, save it as UTF-8"))
        return read
    if not isinstance(content, Mapping):
        read.faults.append(Fault(path.name, 1, "file", "holds no keys, allowed: `key: value` lines"))
        return read
    read.lines = dict(_lines(content, ""))
    read.content = _plain(content)
    return read


def _lines(content: Any, prefix: str) -> Iterator[tuple[str, int]]:  # noqa: ANN401 - any YAML value
    """Yield the line of every key and list item below a value."""
    keys = content if isinstance(content, CommentedMap) else range(len(content)) if isinstance(content, list) else ()
    for key in keys:
        place = (content.lc.data or {}).get(key)  # a key that was merged in (<<) has no place of its own
        yield f"{prefix}{key}", (place[0] if place else content.lc.line or 0) + 1
        yield from _lines(content[key], f"{prefix}{key}.")


def _plain(content: Any) -> Any:  # noqa: ANN401 - any YAML value
    if isinstance(content, Mapping):
        return {str(key): _plain(value) for key, value in content.items()}
    if isinstance(content, list):
        return [_plain(value) for value in content]
    if isinstance(content, str):
        return str(content)
    if isinstance(content, bool) or content is None:
        return content
    return int(content) if isinstance(content, int) else float(content) if isinstance(content, float) else str(content)


def with_variables(read: YamlFile, prefix: str, value: Any, env: Mapping[str, str]) -> Any:  # noqa: ANN401
    """Replace ${NAME} and ${NAME:-default} below a value from the environment given; note the names that are absent."""
    if isinstance(value, dict):
        return {key: with_variables(read, f"{prefix}.{key}", inner, env) for key, inner in value.items()}
    if isinstance(value, list):
        return [with_variables(read, f"{prefix}.{place}", inner, env) for place, inner in enumerate(value)]
    if not isinstance(value, str):
        return value
    for name, _ in _VARIABLE.findall(value):
        if name not in env and f"${{{name}:-" not in value:
            read.fault(prefix, f"the environment has no {name}, set it or write ${{{name}:-default}}")
    return _VARIABLE.sub(lambda found: env.get(found[1], found[2] or ""), value)


def check_paths(
    read: YamlFile, prefix: str, content: dict[str, Any], specs: Mapping[str, ColumnSpec]
) -> dict[str, Any]:
    """Check a map against its declared dotted paths; return it with defaults filled in."""
    for path, declared, value in _walk(content, specs):
        if declared in specs:
            _check_value(read, f"{prefix}{path}", value, specs[declared])
        else:
            parent = declared.rpartition(".")[0]
            level = [name.rpartition(".")[2] for name in specs if name.rpartition(".")[0] == parent]
            word = path.rpartition(".")[2]
            read.fault(f"{prefix}{path}", f"is unknown{nearest(word, level)}, {allowed(level, 20)}")
    filled = dict(content)
    for name, spec in specs.items():
        if "." in name or filled.get(name) is not None:
            continue
        if spec.required:
            read.fault(f"{prefix}{name}", "is missing, a value is needed")
        elif spec.default is not None:
            filled[name] = _scalar(spec, spec.default)
    return {name: _scalar(specs[name], value) if name in specs else value for name, value in filled.items()}


def _walk(
    content: dict[str, Any], specs: Mapping[str, ColumnSpec], prefix: str = "", above: str = ""
) -> Iterator[tuple[str, str, Any]]:
    """Yield every path with the declared path that it falls under; `*` is declared for keys that the user names.

    Below an open map anything goes.
    """
    declared_parents = {name.rpartition(".")[0] for name in specs}
    for key, value in content.items():
        path = f"{prefix}{key}"
        declared = f"{above}*" if f"{above}*" in specs else f"{above}{key}"
        yield path, declared, value
        if isinstance(value, dict) and declared in declared_parents:
            yield from _walk(value, specs, f"{path}.", f"{declared}.")


def _scalar(spec: ColumnSpec, value: Any) -> Any:  # noqa: ANN401
    """Return an integer or number as such where it was written as text (a variable, a default)."""
    if value is None or spec.type not in ("integer", "decimal"):
        return value
    try:
        return int(value) if spec.type == "integer" else float(value)
    except (TypeError, ValueError):
        return value


def _check_value(read: YamlFile, path: str, value: Any, spec: ColumnSpec) -> None:  # noqa: ANN401
    if value is None:
        if spec.required:
            read.fault(path, "is empty, a value is needed")
        return
    if spec.type == "list" and isinstance(value, list) and spec.words:
        _check_words(read, path, value, spec)
        return
    wanted = {"map": dict, "list": list}.get(spec.type)
    if wanted or isinstance(value, dict | list):
        if not isinstance(value, wanted or str):
            read.fault(
                path,
                f"must be a {spec.type}, allowed: {'`key: value` lines' if wanted is dict else 'one ' + spec.type}",
            )
        return
    problem = _problem(spec, str(value))
    if problem:
        read.fault(path, problem)


def _check_words(read: YamlFile, path: str, words: list[Any], spec: ColumnSpec) -> None:
    for place, word in enumerate(words):
        if str(word) not in spec.words:
            read.fault(f"{path}.{place}", f"{word!r} is unknown{nearest(str(word), spec.words)}, {allowed(spec.words)}")


def _problem(spec: ColumnSpec, text: str) -> str | None:
    if spec.type == "zone":
        return None if is_zone(text) else f"{text!r} is no time zone, allowed: an IANA name such as Asia/Shanghai"
    if spec.type in convert.HOW:
        cell = convert.typed(spec, pl.Series([text]), ZoneInfo("UTC"))[0].as_py()
        if cell is None:
            return f"{text!r} is not {convert.HOW[spec.type]}"
        bounds = (
            (spec.min, "at least", float.__lt__),
            (spec.above, "more than", float.__le__),
            (spec.max, "at most", float.__gt__),
        )
        for bound, words, wrong in bounds:
            if bound is not None and wrong(float(cell), float(bound)):
                return f"{text} is out of range, allowed: {words} {bound}"
    if spec.words and text not in spec.words:
        return f"{text!r} is unknown{nearest(text, spec.words)}, {allowed(spec.words)}"
    if spec.pattern and not re.fullmatch(spec.pattern, text):
        return f"{text!r} has the wrong form, allowed: {spec.pattern}"
    return None


def is_zone(name: str) -> bool:
    """Say whether a name is a time zone of the tz database."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
