"""Who signs in to the dashboards: people of the entry portal, or, where none is open, accounts of the dashboards' own.

With the portal there is one account, one password policy and one second factor for both; what somebody sees follows
from what the portal says of him at each sign-in. Nobody is Superset's administrator then: the pages come from git.
"""

import logging
import re
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from flask_appbuilder.exceptions import PasswordComplexityValidationError
from superset.security import SupersetSecurityManager
from werkzeug.security import check_password_hash
from zxcvbn import zxcvbn

from scripts.superset import access

LOG = logging.getLogger(__name__)
PROVIDER = "nengtan"
#: As the entry portal's: so many wrong passwords lock an account for so long.
ATTEMPTS, LOCKED = 5, timedelta(minutes=15)
_SHORTEST, _CLASSES, _HARD, _SEEN = 10, 3, 4, 72
#: What the portal says of a person: `rows:ORGANIZATION`, `analyse:ORGANIZATION`.
_SAID = re.compile(r"(rows|analyse):(.+)")


def check_password(password: str) -> None:
    """Raise where a password is short, of one kind or easily guessed, as the entry portal does."""
    kinds = (str.islower, str.isupper, str.isdigit, lambda letter: not letter.isalnum())
    classes = sum(any(kind(letter) for letter in password) for kind in kinds)
    if len(password) < _SHORTEST or classes < _CLASSES:
        raise PasswordComplexityValidationError(
            f"口令至少 {_SHORTEST} 个字符，含大写、小写、数字、符号中的三类。 "
            f"At least {_SHORTEST} characters, three of: capital, small letter, digit, sign."
        )
    if zxcvbn(password[:_SEEN], user_inputs=["nengtan", "admin"])["score"] < _HARD:
        raise PasswordComplexityValidationError("这个口令容易被猜到，请换一个。 This password is easily guessed.")


class Manager(SupersetSecurityManager):  # type: ignore[misc]
    """Superset's keeper of accounts, with lock-out and the portal's people."""

    def auth_user_db(self, username: str, password: str) -> Any:  # noqa: ANN401 - Superset's user
        """Return whose password this is; nobody while the account is locked, or where the portal signs people in."""
        if current_app.config["NENGTAN_SIGN_ON"]:
            return None
        user = self.find_user(username=username) or self.find_user(email=username) if username else None
        if user is not None and _is_locked(user):
            check_password_hash(current_app.config["AUTH_DB_FAKE_PASSWORD_HASH_CHECK"], "password")
            found = None
        else:
            found = super().auth_user_db(username, password)
        _tell("login" if found else "login_failed", username)
        return found

    def get_oauth_user_info(self, provider: str, resp: dict[str, Any]) -> dict[str, Any]:
        """Return what the portal's signed token says; Superset's client has checked it (signature, audience, nonce)."""
        claims = resp["userinfo"]
        return {
            "username": claims["preferred_username"],
            "first_name": claims.get("name") or claims["preferred_username"],
            "last_name": "",
            "email": f"{claims['preferred_username']}@nengtan.invalid",
            "role_keys": list(claims.get("groups", ())),
        }

    def auth_user_oauth(self, userinfo: dict[str, Any]) -> Any:  # noqa: ANN401 - Superset's user
        """Return whom the portal vouches for, with the roles of today; nobody who may see nothing."""
        found = super().auth_user_oauth(userinfo) if self._oauth_calculate_user_roles(userinfo) else None
        _tell("login" if found else "login_failed", str(userinfo.get("username")))
        return found

    def _oauth_calculate_user_roles(self, userinfo: dict[str, Any]) -> list[Any]:
        names: set[str] = set()
        for key in userinfo.get("role_keys", ()):
            said = _SAID.fullmatch(str(key))
            if said and said[1] == "rows":
                names |= {access.VIEWER, access.role_of(said[2])}
            head = current_app.config["NENGTAN_HEAD"]
            if said and head and said[2] == head:
                names.add(access.MANAGER if said[1] == "rows" else access.ANALYST)
        return [role for role in map(self.find_role, sorted(names)) if role is not None]


def _is_locked(user: Any) -> bool:  # noqa: ANN401 - Superset's user
    """Each wrong password changes the account's row: `changed_on` is when the last one came."""
    is_recent = user.changed_on is not None and datetime.now() - user.changed_on < LOCKED  # noqa: DTZ005 - as it is kept
    return bool((user.fail_login_count or 0) >= ATTEMPTS and is_recent)


def _tell(action: str, username: str) -> None:
    """Write a line of Superset's own log, which the audit trail takes in."""
    from superset.extensions import event_logger

    event_logger.log_with_context(action=action, username=username)
