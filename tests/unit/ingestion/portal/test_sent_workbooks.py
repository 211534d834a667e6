"""A row that somebody changed after the workbook came does not claim that the workbook says so."""

from ingestion.portal.sent_workbooks import Sent

ROW = {"product_id": "clinker", "quantity": "10", "unit": "t"}


def sent(*rows: dict[str, str]) -> Sent:
    return Sent("a.xlsx", "0" * 64, "li", "", list(rows), list(range(3, 3 + len(rows))))


def test_a_row_has_the_line_that_says_the_same():
    workbook = sent(ROW, {**ROW, "quantity": "20"})
    assert workbook.lines_of([{**ROW, "quantity": "20"}, ROW]) == [4, 3]


def test_a_changed_and_an_added_row_have_none():
    assert sent(ROW).lines_of([{**ROW, "quantity": "11"}, {"product_id": "cement"}]) == [None, None]


def test_a_line_stands_for_one_row():
    assert sent(ROW, ROW).lines_of([ROW, ROW, ROW]) == [3, 4, None]


def test_an_empty_cell_and_no_cell_say_the_same():
    assert sent({**ROW, "voucher": ""}).lines_of([ROW]) == [3]
