"""Tells that a channel does not take the notices of alerts, before somebody misses them."""

from collections.abc import Iterable, Iterator

from quality.finding import Finding

KINDS = ("channel_failing",)


def detect(waiting: Iterable[tuple[str, int, str, str]]) -> Iterator[Finding]:
    """Yield a finding for each (channel, how many wait, since when, last answer) whose notices failed and wait."""
    for channel, count, since, answer in waiting:
        yield Finding(
            kind="channel_failing",
            kind_name_zh="告知渠道发送失败",
            kind_name_en="channel of notices failing",
            severity="high",
            source="notices",
            subject=channel,
            message_zh=f"渠道 {channel} 有 {count} 条预警未送达，最早自 {since[:16]} UTC 起；"
            "请检查 notices.yaml 与该服务。",
            message_en=f"{count} notices wait for channel {channel}, the oldest since {since[:16]} UTC; "
            "look after notices.yaml and the service.",
            evidence={"waiting": count, "oldest_at": since, "answer": answer},
        )
