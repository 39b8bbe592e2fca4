"""A partner's introduction: what is guaranteed, by whom, to what, and the one act of applying (B-25, B-26).

The page opens by a live link alone; used, expired, taken back and unknown ones give one same page (C-20). GET shows,
POST acts (C-16), and a yes that is sent twice is answered twice.
"""

from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, Field, HiddenField, RadioField, StringField, TelField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired

from relay.access.csrf import link_csrf
from relay.candidates.age import MINIMUM_AGE
from relay.errors import DomainError
from relay.extensions import db
from relay.forms import LinkForm, longest, usable_address
from relay.hiring import interviews, slots
from relay.hiring.appointments import day_words, hours_words
from relay.introductions import accepting, links, second_press, wordings
from relay.introductions.accepting import IntroductionGone
from relay.introductions.links import LiveLink
from relay.introductions.wordings import IntroductionTerms
from relay.landing import landing
from relay.landing.arrival import write_letterhead
from relay.mail import tokens
from relay.models import Company, InterviewInvitation, Introduction, Slot, TokenPurpose, scopes
from relay.text import PhoneFault, normalise_phone, quoted
from relay.web import page

MAX_LENGTH = 100


class NotLive(Exception):
    """Raise where a link opens nothing (any more), without telling which; `acted` where something was to be done."""

    def __init__(self, *, acted: bool = False) -> None:
        super().__init__()
        self.acted = acted


class IntroductionForm(LinkForm):
    """The one act: how the company reaches the person, and the time."""

    slot = RadioField(_l("面談の日時"), coerce=int, validators=[InputRequired(_l("面談の日時をお選びください。"))])
    name = StringField(_l("氏名"), validators=[DataRequired(_l("氏名をご記入ください。")), longest(MAX_LENGTH)])
    kana = StringField(_l("フリガナ"), validators=[longest(MAX_LENGTH)])
    email = StringField(
        _l("メールアドレス"),
        validators=[DataRequired(_l("メールアドレスをご記入ください。")), longest(254), usable_address],
    )
    phone = TelField(_l("電話番号"), validators=[longest(40)])
    of_age = BooleanField(_l("%(age)s歳以上です", age=MINIMUM_AGE))
    shown = HiddenField()
    """The hash of the text that was shown."""

    def validate_phone(self, field: Field) -> None:
        """Refuse a number that cannot be one, rather than drop it."""
        if normalise_phone(field.data or "").fault in {PhoneFault.ODD, PhoneFault.UNUSABLE}:
            raise ValidationError(
                _("「%(typed)s」は、電話番号の形ではないようです。空欄でもかまいません。", typed=quoted(field.data))
            )

    def validate_of_age(self, field: Field) -> None:
        """Below MINIMUM_AGE a parent would have to agree, which this page cannot take (A-15, A-47)."""
        if not field.data:
            raise ValidationError(
                _(
                    "%(age)s歳以上の方は、ここにチェックを入れてください。%(age)s歳未満の方は、このページからは希望できません。",
                    age=MINIMUM_AGE,
                )
            )

    @property
    def facts(self) -> dict[str, str]:
        """Return what the company is told of the person."""
        return {name: self[name].data or "" for name in ("name", "kana", "email", "phone")}


@landing.get("/introductions/<token>")
def introduction(token: str) -> Response:
    """Show the introduction; nothing is kept of the look."""
    return _page(token, _live(token))


@landing.post("/introductions/<token>")
def introduction_accept(token: str) -> AnyResponse:
    """Apply with what was typed and the chosen time: all of it, or nothing."""
    session, typed = db.session(), request.form.get("email", "")
    link = links.find(session, token)
    if link is None:
        return _second(token, typed)
    terms = _terms(link)
    form = _form(link, terms)
    if not form.validate():
        return _page(token, link, form, status=422)
    if form.shown.data != terms.wording.hash:
        return _page(
            token,
            link,
            form,
            status=409,
            trouble=_(
                "ご覧のあいだに、書かれている内容が変わりました。まだ何も伝えていません。もう一度お読みのうえ、ボタンを押してください。"
            ),
        )
    try:
        accepted = accepting.accept(session, token, form.facts, form.slot.data, terms.wording)
    except IntroductionGone:
        session.rollback()
        return _second(token, typed)
    except DomainError as refused:
        session.rollback()
        return _page(token, _live(token), _form(_live(token), terms), status=409, trouble=str(refused))
    done = _done(accepted.introduction, link.partner.name, terms)
    session.commit()
    return done


@landing.post("/introductions/<token>/pass")
def introduction_pass(token: str) -> AnyResponse:
    """Look on: the link opens nothing more, and nothing is kept of who held it."""
    session = db.session()
    link = _live(token, acted=True)
    if not links.pass_on(session, token):
        raise NotLive(acted=True)
    session.commit()
    return page("landing/introduction_passed.html", partner=link.partner.name)


@landing.errorhandler(NotLive)
def introduction_not_live(error: NotLive) -> Response:
    """Return the one page for every link that opens nothing; what was typed is neither kept nor sent."""
    db.session.rollback()
    return page(
        "landing/introduction_gone.html",
        "components/_error.html",
        status=410,
        code=410,
        title=_("このリンクは、いまは使えません"),
        text=_("ご記入の内容は、どこにも伝えておらず、保存もしていません。") if error.acted else "",
        acted=error.acted,
    )


def filled_in(token: str, facts: dict[str, str]) -> Response | None:
    """Return the page behind a live link with these facts typed in, for a person who is inside their own page.

    None where the link opens nothing. Nothing is kept of the look, and nothing told before the press.
    """
    link = links.find(db.session(), token)
    if link is None:
        return None
    form = IntroductionForm(None, data=facts)
    form.slot.choices = _times(link)
    return _page(token, link, form, link_csrf=link_csrf(token))


def _live(token: str, *, acted: bool = False) -> LiveLink:
    """Return what the link opens, its company named at the head of the page. Raises NotLive."""
    link = links.find(db.session(), token)
    if link is None:
        raise NotLive(acted=acted)
    return link


def _second(token: str, email: str) -> AnyResponse:
    """Answer a press on a link that is used: its own second press is told of the first. Raises NotLive."""
    company_id = second_press.company_of(db.session(), token, email)
    if company_id is None:
        raise NotLive(acted=True)
    write_letterhead(db.session(), company_id)
    return page("landing/introduction_done.html", appointment=None, guarantee=(), partner="", interview_url="")


def _terms(link: LiveLink) -> IntroductionTerms:
    with scopes.company(db.session(), link.company_id):
        name = db.session.scalars(select(Company.name).where(Company.id == link.company_id)).one()
    return wordings.terms(link, name)


def _form(link: LiveLink, terms: IntroductionTerms) -> IntroductionForm:
    form = IntroductionForm()
    form.slot.choices = _times(link)
    return form


def _times(link: LiveLink) -> list[SelectChoice]:
    return [SelectChoice(each.id, _time(each)) for each in accepting.offered_times(db.session(), link)]


def _time(slot: Slot) -> str:
    when = f"{day_words(slot.starts_at)} {hours_words(slot.starts_at, slot.minutes)}"
    if not slot.place:
        return when
    return f"{when}（{_('オンライン') if slots.is_link(slot.place) else slot.place}）"


def _page(
    token: str,
    link: LiveLink,
    form: IntroductionForm | None = None,
    *,
    status: int = 200,
    trouble: str = "",
    **further: Any,
) -> Response:
    write_letterhead(db.session(), link.company_id)
    terms = _terms(link)
    return page(
        "landing/introduction.html",
        status=status,
        asked=link.request,
        partner=link.partner,
        until=link.until,
        terms=terms,
        form=form or _form(link, terms),
        shown=terms.wording.hash,
        trouble=trouble,
        here=url_for(".introduction_accept", token=token),
        passing=url_for(".introduction_pass", token=token),
        **further,
    )


def _done(made: Introduction, partner: str, terms: IntroductionTerms) -> Response:
    """Return the page after a yes: the appointment, what was guaranteed, and the way to move it or call it off."""
    session = db.session()
    write_letterhead(session, made.company_id)
    with scopes.company(session, made.company_id):
        wanted = select(InterviewInvitation).where(InterviewInvitation.id == made.invitation_id)
        invitation = session.scalars(wanted).one()
        slot = session.scalars(select(Slot).where(Slot.id == invitation.slot_id)).one()
        way_in: Any = tokens.url_of(TokenPurpose.INTERVIEW, interviews.way_in(session, invitation))
    return page(
        "landing/introduction_done.html",
        appointment=_time(slot),
        guarantee=terms.guarantee,
        partner=partner,
        interview_url=way_in,
    )
