"""The pieces by which a bill follows the power factor: each hundredth once, and the steps that are quoted in public."""

from decimal import Decimal

import pytest

from factors.load import load

PIECES = load()["power_factor_adjustment"].to_pylist()


def adjustment(standard: str, hundredths: int) -> Decimal:
    """Return the change of the bill in per cent; fails unless exactly one piece holds."""
    ratio = Decimal(hundredths) / 100
    (piece,) = [
        row
        for row in PIECES
        if row["power_factor_standard"] == Decimal(standard) and row["from_ratio"] <= ratio <= row["to_ratio"]
    ]
    return Decimal(piece["at_upper_pct"] + piece["per_hundredth_pct"] * (piece["to_ratio"] - ratio) * 100)


@pytest.mark.parametrize("standard", ["0.90", "0.85", "0.80"])
def test_each_hundredth_has_one_change_and_better_is_never_dearer(standard: str) -> None:
    changes = [adjustment(standard, hundredths) for hundredths in range(101)]
    assert changes == sorted(changes, reverse=True)
    assert changes[int(Decimal(standard) * 100)] == 0


@pytest.mark.parametrize(
    ("standard", "hundredths", "percent"),
    [("0.90", 60, "25"), ("0.90", 89, "0.5"), ("0.90", 70, "10"), ("0.90", 65, "15"), ("0.90", 95, "-0.75")],
)
def test_the_steps_are_the_quoted_ones(standard: str, hundredths: int, percent: str) -> None:
    assert adjustment(standard, hundredths) == Decimal(percent)
