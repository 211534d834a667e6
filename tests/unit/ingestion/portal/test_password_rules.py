"""Which passwords are taken and which are not."""

import pytest

from ingestion.portal import password_rules
from ingestion.portal.refusal import Refusal

NAMES = ["shen", "沈括", "Shen Kuo", "East Hill Cement", "东山水泥厂"]


@pytest.mark.parametrize("password", ["Steady-Kiln-2026", "Qx7#plum loam", "窑火正红Kiln-88421", "Reed-Loam-7-" * 9])
def test_what_is_long_mixed_and_rare_is_taken(password: str) -> None:
    password_rules.check(password, NAMES)


@pytest.mark.parametrize(
    "password",
    [
        "Password123!",
        "P@ssw0rd2026",
        "Qwertyuiop1!",
        "Admin@123456",
        "Abcd-123456789",
        "1qaz@WSX3edc",
        "Woaini-5201314",
        "Aaaaaaaaaa1!",
        "Nengtan-2026",
    ],
)
def test_what_is_guessed_easily_is_refused(password: str) -> None:
    with pytest.raises(Refusal, match="common_password"):
        password_rules.check(password, NAMES)


@pytest.mark.parametrize("password", ["Quiet-Shen-7-Lamp", "沈括-Quiet-Lamp-7", "kuo-Plum-Reed-77", "Plum-CEMENT-7-Re"])
def test_names_stand_in_no_password(password: str) -> None:
    with pytest.raises(Refusal, match="named_password"):
        password_rules.check(password, NAMES)


@pytest.mark.parametrize("password", ["", "Sh0rt-One", "onlysmallletters", "ONLY-CAPITALS-HERE", "Aa1-" * 51])
def test_what_is_short_endless_or_of_one_kind_is_refused(password: str) -> None:
    with pytest.raises(Refusal, match="weak_password"):
        password_rules.check(password, NAMES)
