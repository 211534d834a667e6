"""An answer that its supplier took back is a finding for as long as it is in use."""

from quality.detectors import supplier_records

GONE = [
    {"supplier_id": "lime_works", "record_id": "0b7c", "reason_zh": "供应商已将其停用", "reason_en": "was deprecated"}
]


def answer(record_id: str, **more: object) -> dict[str, object]:
    named = {"organization_id": "steel", "supplier_id": "lime_works", "material": "lime", "supplier_footprint_id": "a"}
    return {**named, "record_id": record_id, "status": "active", "preceding_ids": None, **more}


def found(*used: dict[str, object]) -> list[str]:
    return [one.subject for one in supplier_records.detect(GONE, used)]


def test_what_is_in_use_and_withdrawn_is_found() -> None:
    (one,) = supplier_records.detect(GONE, [answer("0B7C"), answer("1c8d"), answer("", channel="file")])
    assert (one.kind, one.severity, one.organization_id) == (supplier_records.KINDS[0], "high", "steel")
    assert "供应商已将其停用" in one.message_zh
    assert "was deprecated" in one.message_en
    assert found(answer("0b7c", supplier_id="another")) == [], "an id is its supplier's own"


def test_it_ends_when_the_answer_is_deprecated_or_followed_by_another() -> None:
    assert found(answer("0b7c", status="deprecated")) == []
    assert found(answer("0b7c"), answer("1c8d", preceding_ids="9999;0b7c")) == []
    assert found(answer("0b7c"), answer("1c8d", preceding_ids="0b7c", status="rejected")) == [
        "steel/lime_works/lime/0b7c"
    ]
