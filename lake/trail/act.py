"""One line of the audit trail as every door tells it."""

from dataclasses import dataclass

#: What an act did: something is other than before, declared figures were read, or somebody came in or was kept out.
CHANGE, READ, ENTRY = "change", "read", "entry"
EFFECTS = {CHANGE: ("变更", "change"), READ: ("读取", "read"), ENTRY: ("进出", "entry")}
#: How it ended: as asked, refused for want of a right, or broken off.
DONE, REFUSED, FAILED = "done", "refused", "failed"
OUTCOMES = {DONE: ("完成", "done"), REFUSED: ("拒绝", "refused"), FAILED: ("失败", "failed")}
#: The doors, as people call them.
DOORS = {
    "portal": ("填报门户", "entry portal"),
    "exchange": ("交换接口", "exchange host"),
    "dashboards": ("看板", "dashboards"),
    "command_line": ("命令行", "command line"),
    "agents": ("智能体工具", "tools of agents"),
    "run": ("运行", "run"),
}
_LONGEST = 2000


@dataclass(frozen=True)
class Act:
    """What was done: by whom (nobody where nobody is known), from where, to what, about whom, with how many records."""

    door: str
    effect: str
    act: str
    actor: str | None = None
    address: str | None = None
    organization_id: str | None = None
    subject: str | None = None
    detail: str | None = None
    outcome: str = DONE
    records_count: int | None = None

    def __post_init__(self) -> None:
        """Keep what was asked to a length that a log can bear."""
        for name in ("subject", "detail"):
            text = getattr(self, name)
            if text is not None and len(text) > _LONGEST:
                object.__setattr__(self, name, f"{text[: _LONGEST - 1]}…")
