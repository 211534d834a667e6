"""The models of the dbt project as a graph, read from their files.

dagster-dbt would do this from dbt's manifest, but importing it costs two seconds and its manifest a parse of the whole
project each time definitions load; our SQL names its parents plainly, and a graph test compares this with dbt's own.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path

from ruamel.yaml import YAML

_REF = re.compile(r"""\{\{[^}]*?\bref\(\s*['"]([a-z0-9_]+)['"]\s*\)""")
#: A name put together in a loop, ref('int_x__' ~ part): every model whose name begins like this.
_PREFIX = re.compile(r"""\{\{[^}]*?\bref\(\s*['"]([a-z0-9_]+)['"]\s*~""")
_SOURCE = re.compile(r"""\{\{[^}]*?\bsource\(\s*['"]([a-z0-9_]+)['"]\s*,\s*['"]([a-z0-9_]+)['"]\s*\)""")
_PARTITION = re.compile(r"""partition_by\s*=\s*['\"](\w+)['\"]""")


@dataclass(frozen=True)
class Mart:
    """One mart and the marts and sources it is made from, intermediate models looked through."""

    schema: str
    name: str
    description: str
    is_monthly: bool
    marts: frozenset[str]
    sources: frozenset[str]

    @property
    def key(self) -> tuple[str, str]:
        """The asset key."""
        return (self.schema, self.name)


def marts(project: Path) -> list[Mart]:
    """Return every mart, each after those it is made from."""
    files = {path.stem: path for path in (project / "models").rglob("*.sql")}
    texts = {name: path.read_text(encoding="utf-8") for name, path in files.items()}
    is_mart = {name: "marts" in path.relative_to(project / "models").parts[:1] for name, path in files.items()}
    found = []
    for name, path in files.items():
        if is_mart[name]:
            parents, sources = _reached(name, texts, is_mart)
            schema, monthly = path.parent.name, _PARTITION.search(texts[name]) is not None
            above = frozenset(f"{files[parent].parent.name}.{parent}" for parent in parents)
            found.append(Mart(schema, name, _description(path), monthly, above, sources))
    by_name = {f"{mart.schema}.{mart.name}": mart for mart in sorted(found, key=lambda mart: mart.key)}
    order = TopologicalSorter({name: sorted(mart.marts) for name, mart in by_name.items()}).static_order()
    return [by_name[name] for name in order]


def _reached(name: str, texts: Mapping[str, str], is_mart: Mapping[str, bool]) -> tuple[set[str], frozenset[str]]:
    """Return the nearest marts above a model and the sources it reaches without passing through one."""
    marts_above: set[str] = set()
    sources: set[str] = set()
    seen: set[str] = set()
    open_models = [name]
    while open_models:
        model = open_models.pop()
        if model in seen or model not in texts:
            continue
        seen.add(model)
        sources |= {f"{source}.{table}" for source, table in _SOURCE.findall(texts[model])}
        begun = tuple(_PREFIX.findall(texts[model]))
        looped = [name for name in texts if begun and name.startswith(begun)]
        for parent in [*_REF.findall(texts[model]), *looped]:
            if is_mart.get(parent):
                marts_above.add(parent)
            else:
                open_models.append(parent)
    return marts_above, frozenset(sources)


def _description(path: Path) -> str:
    """Return what the model's YAML says of it, else the first sentence above its SQL."""
    yml = path.with_suffix(".yml")
    if yml.is_file():
        for model in (YAML(typ="safe").load(yml.read_text(encoding="utf-8")) or {}).get("models", ()):
            if model.get("name") == path.stem and model.get("description"):
                return str(model["description"]).strip()
    lines = path.read_text(encoding="utf-8").splitlines()
    comments = [line.removeprefix("--").strip() for line in lines if line.startswith("--")]
    return next((line for line in comments if not line.startswith("Clause:")), "")
