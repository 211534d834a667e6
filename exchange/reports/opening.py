"""What every report begins and ends with: whom it is about, whether the period is whole, who signs, what proves it."""

import json
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from exchange.reports import closed
from exchange.reports.document import Column, Document, Draft
from exchange.reports.figures import Figures, Row
from lake.periods import month_start, next_month

_ROLES = {
    "enter": ("填报", "enters"),
    "review": ("审核", "reviews"),
    "approve": ("批准", "approves"),
    "close": ("关账", "closes"),
    "audit": ("稽核", "audits"),
    "view": ("查看", "views"),
}
_HASH = 16


def document(draft: Draft, figures: Figures, title: tuple[str, str], remarks: list[tuple[str, str]]) -> Document:
    """Return the finished report with its cover."""
    say, owner = draft.say, figures.name(figures.organization, "organization_name")
    period = figures.period
    subtitle = say(
        f"{period.first.year} 年度" if period.is_year else f"{period.first.year} 年 {period.first.month} 月",
        period.text,
    )
    facts = [
        (say("报告主体", "Organisation"), owner),
        (say("统一社会信用代码", "Unified social credit code"), figures.organization["credit_code"] or "—"),
        (say("报告期", "Period"), f"{period.first:%Y-%m} – {period.last:%Y-%m}" if period.is_year else period.text),
        (say("期间状态", "State of the period"), closed.state(draft, figures)),
        *_made_from(draft, figures),
    ]
    return Document(
        title=say(*title),
        subtitle=subtitle,
        language=draft.language,
        owner=owner,
        mark=_mark(draft, figures),
        made_at=figures.manifest.published_at,
        facts=tuple(facts),
        remarks=tuple(say(*remark) for remark in (*_gaps(figures), *closed.remarks(figures), *remarks)),
        sections=draft.finished(),
    )


def signatures(draft: Draft, figures: Figures) -> None:
    """Add the section of those who are responsible, with lines to sign on."""
    draft.section("责任人员与签署", "Responsible persons and signatures")
    rows = [
        (
            figures.name(person, "name"),
            figures.name(person, "duty"),
            _roles(draft, figures, person["person_id"]),
            person["trained_for"],
            _date(person["trained_on"]),
            _date(person["training_due_on"]),
        )
        for person in sorted(figures.thing("people"), key=lambda one: str(one["person_id"]))
        if person["organization_id"] == figures.organization_id
    ]
    if rows:
        titles = [
            ("姓名", "Name"),
            ("岗位", "Duty"),
            ("系统角色", "Roles"),
            ("培训", "Trained for"),
            ("培训日期", "Trained on"),
            ("有效期至", "Valid until"),
        ]
        draft.table(("责任人员", "Responsible persons"), [Column(draft.say(*title)) for title in titles], rows)
    else:
        draft.text(
            "站点文件 people.csv 未登记该单位的责任人员。",
            "The site's people.csv names nobody who is responsible here.",
        )
    blank = " " * 12
    signers = [("编制", "Prepared by"), ("审核", "Reviewed by"), ("法定代表人（负责人）", "Legal representative")]
    columns = [Column(draft.say(*title)) for title in (("职责", "Part"), ("姓名", "Name"), ("签字（章）", "Signature"))]
    draft.table(
        ("签署", "Signatures"),
        [*columns, Column(draft.say("日期", "Date"))],
        [(draft.say(*signer), blank, blank * 2, blank) for signer in signers],
        is_form=True,
    )


def proof(draft: Draft, figures: Figures) -> None:
    """Add the section that says what the figures can be proven by."""
    draft.section("存证与版本", "Evidence and versions")
    closed.table(draft, figures)
    closed.restated(draft, figures)
    draft.heading("版本与证据链头", "Versions and head of the chain")
    draft.text(
        "本报告的每个数都取自下列一次发布，可用 nengtan trace 逐项追溯到原始读数、因子文件与责任人；"
        "证据链头由本报告带出保存，可证明此前入湖的数据未被更改：nengtan evidence verify --head 文件。",
        "Every figure of this report was read from the one publication below; nengtan trace leads from each to its raw "
        "readings, factor documents and people. The head of the evidence chain is handed out with the report, and "
        "proves "
        "that nothing which had come in before it was changed: nengtan evidence verify --head FILE.",
    )
    titles = (("项目", "What"), ("内容", "Value"))
    manifest = figures.manifest
    rows = [
        *_made_from(draft, figures),
        (draft.say("代码版本（指纹）", "Version of the code (fingerprint)"), manifest.code_hash),
        (draft.say("运行编号", "Run"), manifest.run_id),
    ]
    head = figures.evidence
    if head is None:
        rows.append((draft.say("证据链", "Evidence chain"), draft.say("尚未封存", "nothing was sealed yet")))
    else:
        rows += [
            (draft.say("链头序号、条目数", "Head, entries"), f"{head['number']}, {head['size']}"),
            (draft.say("根哈希", "Root hash"), f"{head['algorithm']}: {head['root_hash']}"),
            (draft.say("封存时间", "Sealed at"), _instant(str(head["sealed_at"]))),
            (draft.say("公钥", "Public key"), str(head["public_key"])),
        ]
    columns = [Column(draft.say(*title)) for title in titles]
    draft.table(("版本与链头", "Versions and head of the chain"), columns, rows)
    if head is not None:
        draft.note("链头文件内容（另存为文本即可核验）：", "The head as a file (save these lines to verify with it):")
        draft.lines(json.dumps(head, ensure_ascii=False, indent=1, sort_keys=True, default=str))


def _made_from(draft: Draft, figures: Figures) -> list[tuple[str, str]]:
    manifest = figures.manifest
    number = draft.say(f"第 {manifest.number} 次发布", f"publication {manifest.number}")
    rows = [
        (draft.say("数据来源", "Made from"), f"{number}, {_instant(manifest.published_at)}"),
        (draft.say("数据截至", "Readings until"), _instant(manifest.newest_reading_at or "")),
    ]
    known = manifest.as_of or manifest.published_at
    return [*rows, (draft.say("知识时点", "As known at"), _instant(known))]


def _mark(draft: Draft, figures: Figures) -> str:
    number = figures.manifest.number
    text = draft.say(f"能碳 · 第 {number} 次发布", f"Nengtan · publication {number}")
    head = figures.evidence
    root = str(head["root_hash"])[:_HASH] if head else ""
    return f"{text} · {draft.say('链头', 'head')} {head['number']} {root}" if head else text


def _gaps(figures: Figures) -> list[tuple[str, str]]:
    """Return what is missing of the period, as a remark for the cover."""
    expected, found = figures.period.months, figures.months
    told = []
    if missing := [f"{month:%Y-%m}" for month in expected if month not in found]:
        months = ", ".join(missing)
        told.append(
            (
                f"报告期不完整：{months} 没有已发布的数据，各合计只含其余月份。",
                f"The period is not whole: nothing is published of {months}; totals hold the other months alone.",
            )
        )
    newest = figures.manifest.newest_reading_at
    end = month_start(next_month(expected[-1]), ZoneInfo(figures.manifest.timezone))
    if newest and newest < end.isoformat():
        told.append(
            (
                f"最新读数为 {_instant(newest)}，早于报告期结束，最后一个月不完整。",
                f"The newest reading is of {_instant(newest)}, before the end of the period: its last month is not "
                f"whole.",
            )
        )
    return told


def _roles(draft: Draft, figures: Figures, person: str) -> str:
    found = {str(row["role"]) for row in figures.thing("roles") if row["person_id"] == person}
    words = [draft.say(*said) for role, said in _ROLES.items() if role in found]
    return draft.say("、", ", ").join(words)


def _date(value: object) -> str | None:
    return str(value) if value is not None else None


def _instant(text: str) -> str:
    """Return an instant to the second, in UTC."""
    return f"{text.replace(' ', 'T')[:19]}Z" if text else "—"


def basics(draft: Draft, figures: Figures, further: list[tuple[str, str | None]]) -> None:
    """Add the table of who the owner is."""
    row: Row = figures.organization
    parents: Mapping[Any, Row] = {one["organization_id"]: one for one in figures.rows("from reference.organizations")}
    parent = parents.get(row["parent_id"])
    say = draft.say
    rows = [
        (say("单位名称", "Name"), figures.name(row, "organization_name")),
        (say("单位代码", "Identifier in this system"), row["organization_id"]),
        (say("统一社会信用代码", "Unified social credit code"), row["credit_code"]),
        (say("行业代码（GB/T 4754）", "Industry (GB/T 4754)"), row["industry_code"]),
        (say("工业互联网标识", "Industrial-internet identifier"), row["identifier"]),
        (say("所属园区 / 上级单位", "Park or parent"), figures.name(parent, "organization_name") if parent else None),
        *further,
    ]
    if figures.members:
        names = say("；", "; ").join(figures.name(one, "organization_name") for one in figures.members)
        rows.append((say("成员单位", "Members"), names))
    columns = [Column(say("项目", "What")), Column(say("内容", "Value"))]
    draft.table(("基本信息", "The organisation"), columns, rows)
