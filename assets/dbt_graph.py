"""The marts of the dbt project as assets see them: what each is made from, intermediate models looked through."""

from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

from lake import models
from lake.models import Model, Models


@dataclass(frozen=True)
class Mart:
    """One mart and the marts and sources it is made from."""

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
    found = models.read(project)
    return [_mart(model, found) for model in found.order if model.is_mart]


def _mart(model: Model, found: Models) -> Mart:
    behind = found.behind([model.name])
    above = {parent for name in behind for parent in found.by_name[name].parents if found.by_name[parent].is_mart}
    return Mart(
        schema=model.schema,
        name=model.name,
        description=_description(model.path),
        is_monthly=model.partition_by is not None,
        marts=frozenset(found.by_name[parent].mart for parent in above),
        sources=frozenset(found.sources_behind(model.name)),
    )


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
