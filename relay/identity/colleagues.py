"""An administrator's acts on a colleague's login: its role, its end and return, its sessions, a lost factor.

An administrator does it for members of the company, a lead for colleagues of the partner (ASVS 7.4.5, 6.4.4). The
log names both; the colleague and the others who answer for the organisation are told by mail, so that it never happens
quietly.
"""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from relay.errors import DomainError
from relay.identity import leaving, second_factor, security_letters, sessions, users
from relay.identity.leaving import Holdings
from relay.identity.roles import ANSWERABLE
from relay.models import EventTag, Role, User, event_data, record


class OwnLogin(DomainError):
    """Raise for the user's own login, which is changed on pages that ask for more."""

    code = "own-login"
    message = _l(
        "ご自身のログインは、「ログインとアカウント」から変更できます。端末をなくしたときは、回復コードを使うか、ほかの管理者か責任者に頼んでください。"
    )


class NothingToTakeAway(DomainError):
    """Raise where the colleague has no second factor."""

    code = "colleague-without-second-factor"


def end_sessions(session: Session, user: User, *, by_user_id: int) -> int:
    """Sign a colleague out everywhere; returns how many browsers that were. Raises OwnLogin."""
    _not_own(user, by_user_id)
    count = sessions.end_all(session, user.id)
    if count:
        record(
            session,
            EventTag.SESSION_ENDED,
            company_id=user.company_id,
            partner_id=user.partner_id,
            subject=("user", user.id),
            data=event_data.Counted(count=count),
        )
        _tell(session, user, "sessions-ended-by-colleague", by_user_id)
    return count


def take_factor_away(session: Session, user: User, *, by_user_id: int) -> None:
    """Take away a factor whose device is lost: its sessions end, and where it is due the next login sets up another.

    Raises OwnLogin, NothingToTakeAway.
    """
    _not_own(user, by_user_id)
    if not second_factor.take_away(session, user):
        raise NothingToTakeAway(_("%(name)sさんは二段階認証を設定していません。何も変わっていません。", name=user.name))
    _tell(session, user, "factor-removed-by-colleague", by_user_id)


def give_role(session: Session, user: User, role: Role, *, by_user_id: int) -> None:
    """Give a colleague, or oneself, another role; the open sessions end. Raises UserRefused as `users.set_role`."""
    if user.role is role:
        return
    users.set_role(session, user, role)
    _tell(session, user, "role-changed-by-colleague", by_user_id)


def let_go(session: Session, user: User, *, by_user_id: int, to_user_id: int | None = None) -> Holdings:
    """Shut a colleague's login after handing over what it has under way; returns what that was.

    Raises LeavingRefused, UserRefused as `leaving.leave`.
    """
    if user.disabled_at is not None:
        return Holdings()
    held = leaving.leave(session, user, to_user_id=to_user_id)
    _tell(session, user, "login-shut-by-colleague", by_user_id)
    return held


def let_back(session: Session, user: User, *, by_user_id: int) -> None:
    """Open a shut login again."""
    if user.disabled_at is None:
        return
    users.enable(session, user)
    _tell(session, user, "login-opened-by-colleague", by_user_id)


def ended_sentence(name: str, count: int) -> str:
    """Return what is said after ending a colleague's sessions."""
    if not count:
        return _("%(name)sさんがログイン中の端末は、ありませんでした。", name=name)
    return _(
        "%(name)sさんをすべての端末からログアウトさせました（%(count)s件）。ご本人にメールで知らせます。",
        name=name,
        count=count,
    )


def removed_sentence(name: str) -> str:
    """Return what is said after taking a colleague's factor away."""
    return _(
        "%(name)sさんの二段階認証を外しました。次のログインで設定し直していただきます。ご本人にメールで知らせます。",
        name=name,
    )


def _not_own(user: User, by_user_id: int) -> None:
    if user.id == by_user_id:
        raise OwnLogin


def _tell(session: Session, user: User, what: str, by_user_id: int) -> None:
    named = {"by": users.by_id(session, by_user_id).name, "whose": user.name}
    security_letters.tell(session, user, what, named=named)
    for other in users.working(session, users.organisation_of(session, user)):
        if other.role in ANSWERABLE and other.id not in {user.id, by_user_id}:
            security_letters.tell(session, other, f"{what}-to-others", named=named)
