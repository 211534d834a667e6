"""The SQL models as a run executes them, rendered here: a start of dbt costs ten CPU-seconds, this a third of one.

dbt stays what the models are written, tested and documented with, and what runs them on another engine; a graph test
compares every rendered model with what dbt compiles. A model or a macro may ask the database only while it is written.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import jinja2
import yaml

from lake.errors import LakeError
from lake.macros import Macros, Returned


@dataclass(frozen=True)
class Rendered:
    """One model: `sql` is its SELECT, `parents` the models it reads, `config` what it and its folders configure."""

    name: str
    sql: str
    parents: frozenset[str]
    config: Mapping[str, Any]

    @property
    def schema(self) -> str:
        """The schema it stands in."""
        return str(self.config["schema"])

    @property
    def relation(self) -> str:
        """The name by which the database knows it."""
        return f'"{self.schema}"."{self.name}"'


class Project:
    """The models and macros of a dbt project with the variables of one run."""

    def __init__(self, folder: Path, variables: Mapping[str, Any]) -> None:
        """Read what the project declares; models are rendered when asked for."""
        declared = _yaml(folder / "dbt_project.yml")
        self._folder = folder
        self._variables = {**declared.get("vars", {}), **variables}
        self._files = {path.stem: path for path in sorted((folder / "models").rglob("*.sql"))}
        settings = declared["models"][declared["name"]]
        self._settings = {name: _settings(settings, path, folder) for name, path in self._files.items()}
        self._tables = _sources(folder)
        self._current = _Current()
        self.environment = jinja2.Environment(  # noqa: S701 - what is rendered is SQL of our own
            undefined=jinja2.StrictUndefined, extensions=["jinja2.ext.do"]
        )
        self.environment.globals |= {
            "var": self._var,
            "ref": self._ref,
            "source": self._source,
            "config": self._current,
            "model": self._current,
        }
        self.macros = Macros(self.environment, folder / "macros")

    def models(self) -> list[Rendered]:
        """Return every model, parents first."""
        found = {name: self._rendered(name, path) for name, path in self._files.items()}
        order = TopologicalSorter({name: sorted(model.parents) for name, model in found.items()}).static_order()
        return [found[name] for name in order]

    def materialize(self, model: Rendered, **engine: Any) -> None:  # noqa: ANN401 - what the engine's side offers
        """Write a model in the way of its materialisation, with `engine` as what that may call."""
        self._current.become(model.name, model.config)
        try:
            self.macros.materialization(str(model.config["materialized"])).render(sql=model.sql, **engine)
        except Returned:
            return

    def _rendered(self, name: str, path: Path) -> Rendered:
        current = self._current
        current.become(name, self._settings[name])
        sql = self.environment.from_string(path.read_text(encoding="utf-8")).render().strip()
        return Rendered(name, sql, frozenset(current.parents), current.known)

    def _var(self, name: str, *default: Any) -> Any:  # noqa: ANN401 - a variable may be anything
        if name not in self._variables and not default:
            raise LakeError(f"the models ask for a variable {name}, which the run does not give")
        return self._variables.get(name, *default)

    def _ref(self, name: str) -> str:
        self._current.parents.add(name)
        return f'"{self._settings[name]["schema"]}"."{name}"'

    def _source(self, name: str, table: str) -> str:
        return f'"{self._tables[name, table]}"."{table}"'


class _Current:
    """The model that is rendered or written now; one object, because compiled macros keep what they first saw."""

    def __init__(self) -> None:
        self.name = ""
        self.parents: set[str] = set()
        self.known: dict[str, Any] = {}

    def become(self, name: str, config: Mapping[str, Any]) -> None:
        self.name, self.parents, self.known = name, set(), dict(config)

    def __call__(self, **config: Any) -> str:  # noqa: ANN401 - whatever a model configures
        self.known |= config
        return ""

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401
        return self.known.get(key, default)


def described(project: Path) -> dict[str, dict[str, Any]]:
    """Return by `schema.mart` what its YAML says: `bi`, `bi_days`, and `comments` with the mart's own under ''."""
    found = {}
    for path in sorted((project / "models" / "marts").rglob("*.yml")):
        for model in _yaml(path).get("models", ()):
            meta = model.get("config", {}).get("meta", {})
            comments = {"": model.get("description", "")}
            comments |= {column["name"]: column.get("description", "") for column in model.get("columns", ())}
            found[f"{path.parent.name}.{model['name']}"] = {
                "bi": meta.get("bi", False),
                "bi_days": meta.get("bi_days"),
                "comments": {column: text for column, text in comments.items() if text},
            }
    return found


def _settings(declared: Mapping[str, Any], path: Path, project: Path) -> dict[str, Any]:
    """Return what the project file says of a model's folder and of those above it."""
    found: dict[str, Any] = {}
    level: Mapping[str, Any] = declared
    for part in ("", *path.relative_to(project / "models").parts[:-1]):
        level = level.get(part, {}) if part else level
        found |= {key[1:]: value for key, value in level.items() if key.startswith("+")}
    return found


def _sources(project: Path) -> dict[tuple[str, str], str]:
    """Return the schema of each declared source table."""
    files = (project / "models").rglob("*sources.yml")
    groups = [group for path in files for group in _yaml(path).get("sources", ())]
    return {
        (group["name"], table["name"]): group.get("schema", group["name"])
        for group in groups
        for table in group["tables"]
    }


def _yaml(path: Path) -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same in C, where there is C
    return yaml.load(path.read_text(encoding="utf-8"), Loader=loader) or {}  # noqa: S506 - it is the safe one
