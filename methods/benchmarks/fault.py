"""Why there is no level."""


class NoLevelError(Exception):
    """Why a row gives no level: a code, and what it is about in both languages."""

    def __init__(self, code: str, zh: str = "", en: str = "") -> None:
        """Keep the parts apart; the sentence is put together where it is shown."""
        super().__init__(code)
        self.code, self.zh, self.en = code, zh, en
