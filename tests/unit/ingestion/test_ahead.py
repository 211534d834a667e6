"""Reading ahead keeps the order, tells the error where its item would be, and may be left."""

from collections.abc import Iterator

import pytest

from ingestion.ahead import ahead


def test_the_order_stays_and_one_item_is_made_ahead() -> None:
    made: list[int] = []

    def items() -> Iterator[int]:
        for number in range(3):
            made.append(number)
            yield number

    found = ahead(items())
    assert next(found) == 0
    assert list(found) == [1, 2]
    assert made == [0, 1, 2]


def test_an_error_comes_after_what_was_made_before_it() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise OSError("gone")

    found = ahead(items())
    assert next(found) == 1
    with pytest.raises(OSError, match="gone"):
        next(found)


def test_who_leaves_early_waits_for_no_more_than_one_item() -> None:
    made: list[int] = []
    found = ahead(made.append(number) or number for number in range(1000))
    next(found)
    found.close()
    assert len(made) <= 3
