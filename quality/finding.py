"""A finding: something a reader must know before trusting a number."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Finding:
    """One doubt about one subject; `evidence` holds the figures that it rests on, `owner` the person who has to act."""

    kind: str
    kind_name_zh: str
    kind_name_en: str
    severity: str
    source: str
    subject: str
    message_zh: str
    message_en: str
    evidence: dict[str, Any] = field(default_factory=dict)
    organization_id: str | None = None
    owner: str | None = None
    closed_by: str | None = None
    closed_at: datetime | None = None  # where people close what they doubted; else a finding ends by not being found
    closing_reason: str | None = None

    @property
    def finding_id(self) -> str:
        """The same for the same doubt about the same subject, however often it is found."""
        key = json.dumps([self.kind, self.source, self.subject]).encode()
        return hashlib.sha256(key).hexdigest()[:16]

    def evidence_text(self) -> str:
        """The figures as JSON."""
        return json.dumps(self.evidence, ensure_ascii=False, sort_keys=True, default=str)
