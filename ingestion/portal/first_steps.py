"""What somebody who signed in has to do before anything else; until then he has no rights."""

from ingestion.portal import second_factor
from ingestion.portal.accounts import Policy
from ingestion.portal.rights import Rights
from ingestion.portal.sessions import Session

GIVE_CODE, CHANGE_PASSWORD, ENROL = "/second-factor", "/password", "/second-factor/new"


def first_step(session: Session, held: Rights, policy: Policy) -> str:
    """Return the page that comes first, or nothing: a code that is owed, a password that is due, a factor that is."""
    if session.owes_code:
        return GIVE_CODE
    if session.must_change:
        return CHANGE_PASSWORD
    if not session.is_proven and second_factor.is_due(policy, held):
        return ENROL
    return ""
