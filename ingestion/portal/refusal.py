"""What the portal answers where it does not do as asked."""


class Refusal(Exception):  # noqa: N818 - a refusal is no error of ours
    """A step that was not taken; `key` names its sentence in words.yaml, `facts` fill it in."""

    def __init__(self, key: str, status: int = 409, **facts: object) -> None:
        """Keep the sentence's key, the HTTP status and what is said in it."""
        super().__init__(key)
        self.key, self.status, self.facts = key, status, facts


def absent() -> Refusal:
    """What does not exist and what one may not see get the same answer."""
    return Refusal("absent", 404)
