"""The models of the dbt project as a graph, read from their files: parents, sources, and a fingerprint of the code.

dbt's own manifest would say the same after a parse of the whole project, which takes seconds in each run; our SQL names
its parents plainly, and a graph test compares this with dbt's own.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from lake.project import code_hash

_REF = re.compile(r"""\bref\(\s*['"]([a-z0-9_]+)['"]\s*\)""")
#: A name put together in a loop, ref('int_x__' ~ part): every model whose name begins like this.
_PREFIX = re.compile(r"""\bref\(\s*['"]([a-z0-9_]+)['"]\s*~""")
_SOURCE = re.compile(r"""\bsource\(\s*['"]([a-z0-9_]+)['"]\s*,\s*['"]([a-z0-9_]+)['"]\s*\)""")
_PARTITION = re.compile(r"""partition_by\s*=\s*['"](\w+)['"]""")
_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|--\s*depends_on:[^\n]*", re.DOTALL)
_MACRO = re.compile(r"\{%-?\s*(?:macro|materialization)\s+(\w+).*?end(?:macro|materialization)\s*-?%\}", re.DOTALL)
_WORD = re.compile(r"\w+")
#: What a model is only made from where a mart is rebuilt whole; else the mart itself is read in its place.
_ONLY_WITH = re.compile(r"""\{%-?\s*if\s+rebuilds_whole\(['"](\w+)['"]\)\s*-?%\}(.*?)\{%-?\s*else""", re.DOTALL)
_VARIABLE = re.compile(r"""\bvar\(\s*['"](\w+)['"]""")
#: What an engine needs for itself stands in a variant of the macro, found under the macro's own name.
_VARIANTS = ("default__", "duckdb__", "spark__")
#: The macro that writes every mart.
_WRITER = "delta"


@dataclass(frozen=True)
class Model:
    """One model; `schema` is the folder of a mart and empty elsewhere, a source is `<source>.<table>`.

    `only_with` has the parents that are read only where a mart is rebuilt whole, with that mart's name.
    """

    name: str
    path: Path
    schema: str
    parents: frozenset[str]
    only_with: Mapping[str, str]
    sources: frozenset[str]
    partition_by: str | None
    code: str
    variables: frozenset[str]

    @property
    def is_mart(self) -> bool:
        """Whether readers see it."""
        return bool(self.schema)

    @property
    def mart(self) -> str:
        """The mart's name: schema.table."""
        return f"{self.schema}.{self.name}"

    def fingerprint(self, values: Mapping[str, Any]) -> str:
        """Return a hash of the code and of the values of the variables that it uses."""
        used = {name: values[name] for name in sorted(self.variables) if name in values}
        return hashlib.sha256(f"{self.code}{json.dumps(used, sort_keys=True)}".encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Models:
    """All models of a project by name, and a hash of everything that is written there."""

    by_name: Mapping[str, Model]
    code_hash: str

    @cached_property
    def marts(self) -> dict[str, Model]:
        """The marts by schema.table."""
        return {model.mart: model for model in self.by_name.values() if model.is_mart}

    @cached_property
    def order(self) -> list[Model]:
        """Every model after those it is made from."""
        done: dict[str, Model] = {}
        for name in sorted(self.by_name):
            self._visit(name, done)
        return list(done.values())

    def behind(self, names: Iterable[str], whole: Set[str] | None = None) -> set[str]:
        """Return these models and what they are made from, as far as the next marts, which are left out.

        `whole` are the models that are rebuilt whole (default: all of them).
        """
        found: set[str] = set()
        open_names = list(names)
        while open_names:
            name = open_names.pop()
            if name not in found:
                found.add(name)
                open_names += [parent for parent in self._read(name, whole) if not self.by_name[parent].is_mart]
        return found

    def sources_behind(self, name: str, whole: Set[str] | None = None) -> set[str]:
        """Return the sources that a model reaches without passing through a mart."""
        return {source for behind in self.behind([name], whole) for source in self.by_name[behind].sources}

    def _read(self, name: str, whole: Set[str] | None) -> Iterator[str]:
        model = self.by_name[name]
        for parent in model.parents:
            if whole is None or parent not in model.only_with or model.only_with[parent] in whole:
                yield parent

    def _visit(self, name: str, done: dict[str, Model]) -> None:
        if name not in done:
            for parent in sorted(self.by_name[name].parents):
                self._visit(parent, done)
            done[name] = self.by_name[name]


def read(project: Path) -> Models:
    """Read the models and macros of a project."""
    files = {path.stem: path for path in sorted((project / "models").rglob("*.sql"))}
    macros = _macros(project / "macros")
    settings = project / "dbt_project.yml"
    shared = settings.read_text(encoding="utf-8") if settings.is_file() else ""
    found = {}
    for name, path in files.items():
        found[name] = _model(name, path, project, files, macros, shared)
    return Models(found, code_hash(project))


def _model(  # noqa: PLR0913, PLR0917 -- what a model is read with
    name: str, path: Path, project: Path, files: Mapping[str, Path], macros: Mapping[str, str], shared: str
) -> Model:
    text = path.read_text(encoding="utf-8")
    folders = path.relative_to(project / "models").parts
    schema = folders[1] if folders[0] == "marts" else ""
    used = _used_macros(text + (f" {_WRITER}" if schema else ""), macros)
    whole = "\n".join([text, *[macros[macro] for macro in sorted(used)]])
    jinja = " ".join(_JINJA.findall(text))
    begun = tuple(_PREFIX.findall(jinja))
    parents = {parent for parent in _REF.findall(jinja) if parent in files}
    parents |= {other for other in files if begun and other.startswith(begun)}
    partition = _PARTITION.search(text)
    return Model(
        name=name,
        path=path,
        schema=schema,
        parents=frozenset(parents - {name}),
        only_with={parent: mart for mart, body in _ONLY_WITH.findall(text) for parent in _REF.findall(body)},
        sources=frozenset(f"{source}.{table}" for source, table in _SOURCE.findall(jinja)),
        partition_by=partition.group(1) if partition else None,
        code=hashlib.sha256(f"{shared}\0{whole}".encode()).hexdigest(),
        variables=frozenset(_VARIABLE.findall(whole)),
    )


def _macros(folder: Path) -> dict[str, str]:
    """Return the text of each macro by its name."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.sql"))]
    return {match.group(1): match.group() for text in texts for match in _MACRO.finditer(text)}


def _used_macros(text: str, macros: Mapping[str, str]) -> set[str]:
    """Return the macros that a text names, and those that they name."""
    found: set[str] = set()
    open_texts = [text]
    while open_texts:
        words = set(_WORD.findall(open_texts.pop()))
        named = {name for word in words for name in (word, *[variant + word for variant in _VARIANTS])}
        fresh = (named & macros.keys()) - found
        found |= fresh
        open_texts += [macros[name] for name in fresh]
    return found
