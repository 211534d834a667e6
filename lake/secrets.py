"""What a secret looks like in a text: where one is written out, and the same text without it."""

import re

#: How settings and parameters that hold a secret end.
_WORDS = (
    r"pass(?:word|wd|phrase)|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|auth(?:orization)?|credential"
    r"|cookie|密码|口令|令牌|密钥"
)
_NAME = re.compile(rf"(?:{_WORDS})s?$", re.IGNORECASE)
#: `${NAME}` and `${NAME:-}` bring nothing along; of `${NAME:-default}` the default is written out.
_VARIABLE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*(?::-([^}]*))?\}")
#: `{column}` of a template, and the word before the secret of an Authorization header.
_OPEN = re.compile(r"\{[a-z_][a-z0-9_]*\}|^\s*(?:Bearer|Basic|Token|ApiKey)(?=\s|$)", re.IGNORECASE)
#: Between a colon and the last @ stands a password, unless it is a port: some libraries take any character there.
_USER = re.compile(r"(?<=://)([^/?#@:\s]*):(?![/?#]|\d{1,5}(?:[/?#]|$))(\S*)(?=@)")
_PARAMETER = re.compile(rf"((?:{_WORDS}|\bsig(?:nature)?)s?(?:=|%3d))([^&;#\s'\"]+)", re.IGNORECASE)
_MASK = "***"


def is_secret(name: str) -> bool:
    """Whether a setting or parameter of this name holds a secret."""
    return _NAME.search(name) is not None


def is_written_out(name: str, text: str) -> bool:
    """Whether the value of a setting brings a secret along instead of naming a variable of the environment."""
    bare = _VARIABLE.sub(lambda found: found[1] or "", text)
    if is_secret(name):
        return bool(_OPEN.sub("", bare).strip())
    return bool("://" in bare and secrets_of_address(bare))


def secrets_of_address(text: str) -> list[str]:
    """Return the passwords and tokens that stand in an address: before its @, and among its parameters."""
    found = [match[2] for match in _USER.finditer(text)] + [match[2] for match in _PARAMETER.finditer(text)]
    return [secret for secret in found if secret]


def hidden(text: str) -> str:
    """Return an address or message without the passwords and tokens of the addresses in it."""
    return _PARAMETER.sub(rf"\1{_MASK}", _USER.sub(rf"\1:{_MASK}", text))


def without(text: str, secrets: set[str]) -> str:
    """Return a text with a mask in place of each of these secrets."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, _MASK)
    return text


def variables(text: str) -> list[str]:
    """Return the names of the variables of the environment that a text takes."""
    return [match.group()[2:-1].partition(":-")[0] for match in _VARIABLE.finditer(text)]
