"""The marts of the carbon assets, and what their codes are called."""

import pyarrow as pa

_TEXT, _AMOUNT, _DAY = pa.string(), pa.decimal128(18, 6), pa.date32()
_FLAG, _COUNT = pa.bool_(), pa.int32()
_INSTANT = pa.timestamp("us", tz="UTC")

_WHO = [
    pa.field("organization_id", _TEXT, nullable=False),
    pa.field("organization_name_zh", _TEXT),
    pa.field("organization_name_en", _TEXT),
    pa.field("organization_level", _COUNT),
]
_WHAT = [
    pa.field("instrument", _TEXT, nullable=False),
    pa.field("instrument_name_zh", _TEXT),
    pa.field("instrument_name_en", _TEXT),
    pa.field("vintage", _COUNT),
    pa.field("project", _TEXT),
]
LEDGER = pa.schema(
    [
        pa.field("transaction_id", _TEXT, nullable=False),
        pa.field("line", _COUNT, nullable=False),
        *_WHO,
        pa.field("account", _TEXT, nullable=False),
        pa.field("account_name_zh", _TEXT),
        pa.field("account_name_en", _TEXT),
        *_WHAT,
        pa.field("debit_t", _AMOUNT),
        pa.field("credit_t", _AMOUNT),
        pa.field("debit_mwh", _AMOUNT),
        pa.field("credit_mwh", _AMOUNT),
        pa.field("posted_at", _INSTANT, nullable=False),
        pa.field("posted_on", _DAY, nullable=False),
        pa.field("month", _DAY, nullable=False),
        pa.field("kind", _TEXT, nullable=False),
        pa.field("kind_name_zh", _TEXT),
        pa.field("kind_name_en", _TEXT),
        pa.field("compliance_year", _COUNT),
        pa.field("counterparty", _TEXT),
        pa.field("price_cny_per_t", _AMOUNT),
        pa.field("price_cny_per_mwh", _AMOUNT),
        pa.field("amount_cny", _AMOUNT),
        pa.field("serial_from", _TEXT),
        pa.field("serial_to", _TEXT),
        pa.field("reason", _TEXT),
        pa.field("source", _TEXT, nullable=False),
        pa.field("source_name_zh", _TEXT),
        pa.field("source_name_en", _TEXT),
        pa.field("entry", _TEXT),
        pa.field("voucher", _TEXT),
        pa.field("lineage_id", _TEXT, nullable=False),
    ]
)
HOLDINGS = pa.schema(
    [
        pa.field("month", _DAY, nullable=False),
        *_WHO,
        *_WHAT[:4],
        pa.field("holding_t", _AMOUNT),
        pa.field("holding_mwh", _AMOUNT),
        pa.field("is_latest", _FLAG, nullable=False),
    ]
)
POSITIONS = pa.schema(
    [
        pa.field("year", _COUNT, nullable=False),
        *_WHO,
        pa.field("sector", _TEXT),
        pa.field("sector_name_zh", _TEXT),
        pa.field("sector_name_en", _TEXT),
        pa.field("as_of_date", _DAY, nullable=False),
        pa.field("is_latest", _FLAG, nullable=False),
        pa.field("holding_t", _AMOUNT),
        pa.field("carried_in_t", _AMOUNT),
        pa.field("carry_over_cap_t", _AMOUNT),
        pa.field("ccer_holding_t", _AMOUNT),
        pa.field("issued_t", _AMOUNT),
        pa.field("quota_t", _AMOUNT),
        pa.field("to_come_t", _AMOUNT),
        pa.field("obligation_t", _AMOUNT),
        pa.field("expected_obligation_t", _AMOUNT),
        pa.field("surrendered_t", _AMOUNT),
        pa.field("offset_t", _AMOUNT),
        pa.field("ccer_cap_t", _AMOUNT),
        pa.field("ccer_usable_t", _AMOUNT),
        pa.field("outstanding_t", _AMOUNT),
        pa.field("position_t", _AMOUNT),
        pa.field("shortfall_t", _AMOUNT),
        pa.field("surplus_t", _AMOUNT),
        pa.field("to_buy_t", _AMOUNT),
        pa.field("price_cny_per_t", _AMOUNT),
        pa.field("exposure_cny", _AMOUNT),
        pa.field("exposure_low_cny", _AMOUNT),
        pa.field("exposure_high_cny", _AMOUNT),
        pa.field("surrender_due_on", _DAY),
        pa.field("days_left_count", _COUNT),
        pa.field("is_settled", _FLAG, nullable=False),
        pa.field("state", _TEXT, nullable=False),
        pa.field("state_name_zh", _TEXT),
        pa.field("state_name_en", _TEXT),
    ]
)
DEADLINES = pa.schema(
    [
        *_WHO,
        pa.field("year", _COUNT, nullable=False),
        pa.field("kind", _TEXT, nullable=False),
        pa.field("kind_name_zh", _TEXT),
        pa.field("kind_name_en", _TEXT),
        pa.field("due_on", _DAY, nullable=False),
        pa.field("as_of_date", _DAY, nullable=False),
        pa.field("days_left_count", _COUNT, nullable=False),
        pa.field("state", _TEXT, nullable=False),
        pa.field("state_name_zh", _TEXT),
        pa.field("state_name_en", _TEXT),
        pa.field("source", _TEXT),
        pa.field("confidence", _TEXT),
    ]
)
SOURCES = {"file": ("站点文件", "File of the site"), "form": ("填报", "Entry portal")}
STATES = {
    "settled": ("已足额清缴", "Settled"),
    "overdue": ("逾期未清缴", "Overdue"),
    "short": ("有缺口", "Short"),
    "enough": ("可足额清缴", "Enough"),
    "unknown": ("排放或配额未知", "Emissions or quota unknown"),
}
DEADLINE_KINDS = {
    "report": ("报送排放报告", "Emission report"),
    "verification": ("核查", "Verification"),
    "surrender": ("配额清缴", "Surrender of allowances"),
}
DEADLINE_STATES = {
    "done": ("已完成", "Done"),
    "passed": ("已过", "Passed"),
    "overdue": ("逾期", "Overdue"),
    "near": ("临近", "Near"),
    "ahead": ("未到", "Ahead"),
}
#: From how many days before a deadline on it is near.
NEAR_DAYS = 60
