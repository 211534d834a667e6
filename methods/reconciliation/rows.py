"""What reconciliation hands on: plain rows, so that who only writes them down needs no numerical library."""

from dataclasses import dataclass, field

Row = dict[str, object]


@dataclass
class Reconciled:
    """Rows about points by day, about balances by day, and about amounts (points, losses) by month."""

    points: list[Row] = field(default_factory=list)
    imbalances: list[Row] = field(default_factory=list)
    errors: list[Row] = field(default_factory=list)
