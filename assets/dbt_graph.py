"""The marts of the dbt project as assets see them: what each is made from, intermediate models looked through."""

from dataclasses import dataclass
from pathlib import Path

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
    """Return every mart of a project, each after those it is made from."""
    return of_models(models.read(project))


def of_models(found: Models) -> list[Mart]:
    """Return the marts among the models, each after those it is made from."""
    return [_mart(model, found) for model in found.order if model.is_mart]


def _mart(model: Model, found: Models) -> Mart:
    behind = found.behind([model.name])
    above = {parent for name in behind for parent in found.by_name[name].parents if found.by_name[parent].is_mart}
    return Mart(
        schema=model.schema,
        name=model.table,
        description=model.description,
        is_monthly=model.partition_by is not None,
        marts=frozenset(found.by_name[parent].mart for parent in above),
        sources=frozenset(found.sources_behind(model.name)),
    )
