"""dbt's adapter as sqlfluff needs it: a dispatched macro becomes a call of its own name."""

from collections.abc import Callable


def dispatch(name: str, _package: str) -> Callable[..., str]:
    """Return a macro that writes its name and arguments."""

    def call(*arguments: object) -> str:
        return f"{name}({', '.join(str(argument) for argument in arguments)})"

    return call
