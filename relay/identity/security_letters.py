"""Letters about a login: the link for a new password, the proof of a new address, and notices after changes.

They go to staff, also while their company practises. A notice says what was done and what to do if it was not you.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask_babel import format_date
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.infra.keyed_hash import address_hash
from relay.mail import outbox, tokens
from relay.mail.final_state import mark_final
from relay.mail.letters import Letter, LinkFor, MailRoute
from relay.mail.tokens import Link
from relay.models import MailClass, Message, MessageState, TokenPurpose, User, scopes

PASSWORD = "password"  # noqa: S105  (a letter, no secret)
NEW_EMAIL = "new-email"
NOTICE = "security-notice"
LINKS = {
    PASSWORD: Link(
        TokenPurpose.PASSWORD,
        lifetime=timedelta(minutes=60),
        path="/password/",
        key="password_url",
    ),
    NEW_EMAIL: Link(
        TokenPurpose.NEW_EMAIL,
        lifetime=timedelta(hours=24),
        path="/new-email/",
        key="new_email_url",
    ),
}
"""The pages that change a login, by the letter that leads there."""
REASON = "login: mail about a login belongs to its company or to none"

WHAT = {
    "password-changed": _l("ログインのパスワードが変わりました。"),
    "password-reset": _l("メールのリンクから、ログインのパスワードが新しくなりました。"),
    "email-asked": _l(
        "ログインに使うメールアドレスを変更する手続きが始まりました。確認が完了するまで、いまのアドレスのままです。"
    ),
    "email-changed": _l("ログインに使うメールアドレスが、別のアドレスに変わりました。"),
    "second-factor-enrolled": _l("二段階認証が設定されました。これまでの端末からはログアウトしました。"),
    "second-factor-removed": _l("二段階認証が外されました。いまはパスワードだけでログインできます。"),
    "recovery-code-used": _l("回復コードでログインされました。使ったコードは、もう使えません。"),
    "sessions-ended-by-colleague": _l("%(by)sさんが、あなたをすべての端末からログアウトさせました。"),
    "sessions-ended-by-colleague-to-others": _l("%(by)sさんが、%(whose)sさんをすべての端末からログアウトさせました。"),
    "factor-removed-by-colleague": _l(
        "%(by)sさんが、あなたの二段階認証を外しました。すべての端末からログアウトしました。次のログインで、お手元の端末に設定し直してください。"
    ),
    "factor-removed-by-colleague-to-others": _l(
        "%(by)sさんが、%(whose)sさんの二段階認証を外しました。次のログインで、設定し直していただきます。"
    ),
    "role-changed-by-colleague": _l("%(by)sさんが、あなたの役割を変更しました。すべての端末からログアウトしました。"),
    "role-changed-by-colleague-to-others": _l("%(by)sさんが、%(whose)sさんの役割を変更しました。"),
    "login-shut-by-colleague": _l("%(by)sさんが、あなたのログインの利用を停止しました。"),
    "login-shut-by-colleague-to-others": _l("%(by)sさんが、%(whose)sさんのログインの利用を停止しました。"),
    "login-opened-by-colleague": _l("%(by)sさんが、あなたのログインの利用を再開しました。"),
    "login-opened-by-colleague-to-others": _l("%(by)sさんが、%(whose)sさんのログインの利用を再開しました。"),
    "codes-guessed": _l("パスワードのあとの確認コードが、続けて間違えられました。ログインはされていません。"),
}
"""What a notice tells, by its kind."""


def ask_password(session: Session, user: User) -> None:
    """Queue the link for a new password; made when it leaves, good for an hour and once (C-18)."""
    _queue(session, PASSWORD, user, user.email)


def ask_address(session: Session, user: User) -> None:
    """Queue the link that proves the new address, to that address."""
    _queue(session, NEW_EMAIL, user, user.new_email)


def tell(session: Session, user: User, what: str, *, to: str = "", named: Mapping[str, str] | None = None) -> None:
    """Queue a notice of a change to the login, to its address unless said otherwise (`to`: the one before).

    `named` are the people its sentence names.
    """
    _queue(session, NOTICE, user, to or user.email, what=what, at=clock.now().isoformat(), **(named or {}))


def take_back(session: Session, user: User, letter: str) -> None:
    """Stop what waits of a letter about this login, and close the links of those that left."""
    tokens.revoke(session, LINKS[letter].purpose, user.id)
    with scopes.everyone(session, REASON):
        waiting = select(Message).where(
            Message.letter == letter,
            Message.subject_kind == "user",
            Message.subject_id == user.id,
            Message.state == MessageState.SCHEDULED,
        )
        for message in session.scalars(waiting.with_for_update()):
            mark_final(session, message, MessageState.CANCELLED)


def close_links(session: Session, user: User) -> None:
    """End everything mailed that could still change this login or act as it, the wish for another address included."""
    for letter in LINKS:
        take_back(session, user, letter)
    close_pages(session, user)
    user.new_email = ""


def close_pages(session: Session, user: User) -> None:
    """End the mailed links behind which its agent acts without signing in."""
    tokens.revoke_mailed_to(session, TokenPurpose.INTRODUCTION_REQUEST, address_hash(user.email))


def _queue(session: Session, letter: str, user: User, to: str, **values: str) -> None:
    with scopes.everyone(session, REASON):
        outbox.queue(
            session,
            letter,
            company_id=user.company_id,
            to=to,
            subject=("user", user.id),
            values=dict(values),
            by_user_id=user.id,
        )


def _user(session: Session, message: Message) -> User | None:
    with scopes.everyone(session, REASON):
        return session.scalars(select(User).where(User.id == message.subject_id)).one_or_none()


def _mint(session: Session, message: Message) -> dict[str, str]:
    """Return the link, bound to the address it travels to; none where the login was shut meanwhile."""
    user, link = _user(session, message), LINKS[message.letter]
    if user is None or user.disabled_at is not None:
        return {link.key: ""}
    token = tokens.mint(
        session,
        link.purpose,
        user.id,
        company_id=message.company_id,
        message_id=message.id,
        address_hash=address_hash(message.to_address),
    )
    return {link.key: tokens.url_of(link.purpose, token)}


def _context(session: Session, message: Message, link: LinkFor) -> dict[str, Any]:
    user, leads = _user(session, message), LINKS[message.letter]
    return {"name": user.name if user else "", leads.key: link(leads.purpose)}


def _notice(session: Session, message: Message, _link: LinkFor) -> dict[str, Any]:
    user = _user(session, message)
    moment = message.created_at.astimezone(clock.JAPAN)
    return {
        "name": user.name if user else "",
        "what": str(WHAT[message.values["what"]]) % message.values,
        "when": f"{format_date(moment.date(), 'long')} {moment:%H:%M}",
        "agent": bool(user and user.partner_id),
        "by": message.values.get("by", ""),
    }


LETTERS = (
    *(
        Letter(
            name=name,
            mail_class=MailClass.TRANSACTIONAL,
            route=MailRoute.INSTALLATION,
            context=_context,
            mint=_mint,
            audience="member",
            urgent=True,
            link=link,
        )
        for name, link in LINKS.items()
    ),
    Letter(
        name=NOTICE,
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.INSTALLATION,
        context=_notice,
        audience="member",
        urgent=True,
    ),
)
