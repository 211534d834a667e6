"""What a suite is made of: data only. `quality/run.py` is the one module that turns it into Great Expectations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Expectation:
    """One statement about a column of a suite's table; limits are inclusive.

    A blocking one keeps the old publication when it fails. `kind` names another class of Great Expectations.
    """

    name: str
    column: str
    name_zh: str
    name_en: str
    why_zh: str
    why_en: str
    at_least: float | None = None
    at_most: float | None = None
    is_blocking: bool = True
    kind: str = "ExpectColumnValuesToBeBetween"
    arguments: Mapping[str, object] = field(default_factory=dict)

    @property
    def expected(self) -> str:
        """The limit in words."""
        bounds = ((self.at_least, "at least"), (self.at_most, "at most"))
        said = [f"{words} {limit:g}" for limit, words in bounds if limit is not None]
        return " and ".join(said) or ", ".join(f"{key} {value}" for key, value in self.arguments.items())


@dataclass(frozen=True)
class Suite:
    """Statements about one mart or door, judged on a small table that `sql` computes.

    `sql` may say {rebuilt}: the condition on the column `month` that holds for what this run rebuilt. The suite is left
    out where a relation that it needs does not exist yet.
    """

    name: str
    mart: str
    needs: Sequence[str]
    sql: str
    expectations: Sequence[Expectation]


@dataclass(frozen=True)
class Result:
    """What became of one expectation; `observed` is the worst value of the column."""

    suite: Suite
    expectation: Expectation
    passed: bool
    observed: str | None
    checked_at: datetime
