"""Protocol to Arrow, in pure Python; no orchestrator and no arithmetic on readings in here."""
