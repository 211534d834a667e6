"""Which effect a change is told as: by hand, one thing changed at a time; the printed rows add up."""

from datetime import date
from decimal import Decimal

import pytest

from methods.drivers import rows
from methods.drivers.terms import Month

NOVEMBER, YEAR_BEFORE = date(2025, 11, 1), date(2024, 11, 1)
OWNER = {"organization_id": "works", "organization_level": 1, "energy_unit_id": "works"}
KILN, MILL = ("works", "kiln/clinker"), ("works", "mill/cement")


def month(
    value: int | None,
    kiln: tuple[int, int],
    mill: tuple[int, int] = (100, 50),
    rest: int = 10,
    *,
    price: int = 2,
    weather: int | None = None,
) -> Month:
    """Return a month of value, energy and product of two units, and 1 t of coal for each 2 tce."""
    energy = Decimal(kiln[0] + mill[0] + rest)
    coal = energy / 2
    return Month(
        energy=energy,
        value=None if value is None else Decimal(value),
        values={} if value is None else {"works": Decimal(value)},
        made={KILN: (Decimal(kiln[0]), Decimal(kiln[1])), MILL: (Decimal(mill[0]), Decimal(mill[1]))},
        rest={("works",): Decimal(rest)},
        emissions={("coal",): (coal, coal * 2)},
        costs={("coal",): (coal, coal * price)},
        weather={} if weather is None else {"works": Decimal(weather)},
    )


def told(before: Month, after: Month) -> dict[tuple[str, str], float]:
    """Return what is told of the change against last year, without what did nothing."""
    found = list(rows.of_organization(OWNER, {YEAR_BEFORE: before, NOVEMBER: after}))
    assert {row["compared_month"] for row in found} == {YEAR_BEFORE}
    return {
        (str(row["subject"]), str(row["effect"])): float(amount)  # type: ignore[arg-type]
        for row in found
        for name, amount in row.items()
        if name.startswith("change_") and abs(float(amount)) > 1e-5  # type: ignore[arg-type]
    }


def test_twice_of_everything_is_output() -> None:
    found = told(month(100, (400, 40)), month(200, (800, 80), (200, 100), 20))
    assert found == {("energy", "output"): 510, ("emissions", "output"): 510, ("cost", "output"): 510}


def test_less_energy_for_the_same_product_is_intensity() -> None:
    found = told(month(100, (400, 40)), month(100, (300, 40)))
    assert found == {("energy", "intensity"): -100, ("emissions", "intensity"): -100, ("cost", "intensity"): -100}


def test_more_of_one_product_for_the_same_value_is_structure() -> None:
    assert told(month(100, (400, 40)), month(100, (500, 50)))["energy", "structure"] == pytest.approx(100)


def test_a_dearer_tonne_is_price() -> None:
    assert told(month(100, (400, 40)), month(100, (400, 40), price=3)) == {("cost", "price"): 255}


def test_without_a_value_the_product_is_the_output() -> None:
    found = told(month(None, (400, 40)), month(None, (600, 60), rest=15))
    assert found["energy", "output"] == pytest.approx(200)
    assert found["energy", "intensity"] == pytest.approx(5)


def test_a_product_that_stops_is_structure_and_one_that_burns_on_is_intensity() -> None:
    """Nothing made and nothing used: the limit. Nothing made and still warm: nothing else can be meant."""
    assert told(month(100, (400, 40)), month(100, (0, 0)))["energy", "structure"] == -400
    assert told(month(100, (400, 40)), month(100, (50, 0)))["energy", "intensity"] == -350


def test_what_is_printed_adds_up_to_the_change() -> None:
    before, after = month(97, (401, 39), (103, 53), 11), month(131, (733, 71), (89, 47), 7, price=5)
    found = list(rows.of_organization(OWNER, {YEAR_BEFORE: before, NOVEMBER: after}))
    for subject, (_, _, column) in rows.SUBJECTS.items():
        change = {
            "energy": after.energy - before.energy,
            "emissions": after.emissions["coal",][1] - before.emissions["coal",][1],
            "cost": after.costs["coal",][1] - before.costs["coal",][1],
        }[subject]
        assert sum(row[column] for row in found if row["subject"] == subject) == change  # type: ignore[misc]
    assert rows.before(date(2025, 1, 1), "previous_month") == date(2024, 12, 1)


@pytest.mark.parametrize(
    ("effects", "zh", "en"),
    [
        (
            (300, -100, 35),
            "+235.0 tce（当量），主要因产出规模（+300.0）",
            "+235.0 tce (calorific) against last year, mostly by output",
        ),
        (
            (300, -100, -435),
            "-235.0 tce（当量），主要因能源强度（-435.0）",
            "-235.0 tce (calorific) against last year, mostly by intensity",
        ),
    ],
)
def test_the_headline_names_the_cause_that_went_furthest_the_same_way(
    effects: tuple[int, int, int], zh: str, en: str
) -> None:
    named = dict(zip(("output", "structure", "intensity"), map(Decimal, effects), strict=True))
    told = rows.headline(NOVEMBER, "previous_year", "energy", named)
    assert str(told["headline_zh"]).endswith(zh)
    assert en in str(told["headline_en"])


def test_only_the_last_month_is_the_latest() -> None:
    months = {date(2025, number, 1): month(100, (400, 40)) for number in (9, 10, 11)}
    found = list(rows.of_organization(OWNER, months))
    assert {row["month"] for row in found if row["is_latest"]} == {NOVEMBER}
    assert {row["month"] for row in found if not row["is_latest"]} == {date(2025, 10, 1)}


def test_what_a_colder_month_took_is_weather() -> None:
    found = told(month(100, (400, 40), rest=30, weather=20), month(100, (400, 40), rest=50, weather=40))
    assert found == {(subject, "weather"): pytest.approx(20, abs=1e-5) for subject in ("energy", "emissions", "cost")}


def test_the_first_cold_month_is_weather_and_the_rest_of_a_change_is_not() -> None:
    found = told(month(100, (400, 40), rest=30, weather=0), month(100, (300, 40), rest=70, weather=40))
    assert found["energy", "weather"] == 40
    assert found["energy", "intensity"] == pytest.approx(-100)
    assert sum(amount for (subject, _), amount in found.items() if subject == "cost") == pytest.approx(-60)


@pytest.mark.parametrize(("before", "after"), [(None, 40), (20, None), (20, 1000)])
def test_weather_that_one_month_does_not_tell_or_that_took_more_than_all_is_none(
    before: int | None, after: int | None
) -> None:
    found = told(month(100, (400, 40), rest=30, weather=before), month(100, (400, 40), rest=50, weather=after))
    assert {effect for _, effect in found} == {"intensity"}
