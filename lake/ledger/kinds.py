"""What can happen to an allowance, a credit or a certificate, and between which accounts it moves."""

from dataclasses import dataclass

CEA, CCER, GEC = "cea", "ccer", "gec"
HOLDING = "holding"


@dataclass(frozen=True)
class Kind:
    """One kind of transaction: the account on the other side of the holding, and whether the holding grows by it.

    `final`: what left the holding this way is used up and never comes back.
    """

    other: str
    grows: bool
    zh: str
    en: str
    final: bool = False


KINDS = {
    "issued": Kind("issuer", True, "发放", "Issued"),
    "pre_allocated": Kind("issuer", True, "预分配", "Pre-allocated"),
    "adjusted": Kind("issuer", True, "核定补发", "Added at the final allocation"),
    "recovered": Kind("issuer", False, "核定收回", "Taken back at the final allocation"),
    "carried_over": Kind("issuer", False, "结转", "Carried over"),
    "bought": Kind("market", True, "买入", "Bought"),
    "sold": Kind("market", False, "卖出", "Sold"),
    "surrendered": Kind("surrender", False, "清缴", "Surrendered", final=True),
    "cancelled": Kind("cancelled", False, "自愿注销", "Cancelled", final=True),
    "retired": Kind("retired", False, "绿证注销", "Retired", final=True),
}
#: The accounts that lines are posted to.
ACCOUNTS = {
    HOLDING: ("持有账户", "Holding"),
    "issuer": ("主管部门与签发机构", "Authority and issuer"),
    "market": ("市场交易对手", "Market counterparty"),
    "surrender": ("清缴账户", "Surrender"),
    "cancelled": ("自愿注销账户", "Voluntary cancellation"),
    "retired": ("绿证注销账户", "Certificate retirement"),
}
INSTRUMENTS = {
    CEA: ("碳排放配额（CEA）", "Emission allowance (CEA)"),
    CCER: ("核证自愿减排量（CCER）", "Certified emission reduction (CCER)"),
    GEC: ("绿色电力证书（GEC）", "Green certificate (GEC)"),
}
#: The unit that each instrument is counted in; a certificate is 1 MWh, which is one serial.
UNITS = {CEA: "t", CCER: "t", GEC: "MWh"}
