"""The year before Relay, to compare with: three numbers and a rate, each of which may be unknown."""

import re
from collections.abc import Sequence
from decimal import Decimal

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import Field, StringField
from wtforms.validators import ValidationError

from relay.access.context import member
from relay.access.permissions import needs
from relay.errors import DomainError
from relay.extensions import db
from relay.forms.stale import StaleValue, marks, staleness
from relay.identity.roles import may
from relay.insight.costs import baseline, months
from relay.insight.costs.baseline import Baseline
from relay.insight.costs.file_words import CellProblem, read_yen
from relay.portal import portal
from relay.text import clean, plain_ascii, quoted, whole_number
from relay.web import done, page

_RATE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,2})?)%?")
_PEOPLE = re.compile(r"[\s,、名人]")


def _a_sum(_form: FlaskForm, field: Field) -> None:
    try:
        read_yen(field.data or "")
    except CellProblem as problem:
        raise ValidationError(str(problem.message)) from problem


def _a_headcount(_form: FlaskForm, field: Field) -> None:
    if clean(field.data or "") and _people(field.data) is None:
        raise ValidationError(
            _("「%(typed)s」は人数として読めません。数字で入力するか、空欄にしてください。", typed=quoted(field.data))
        )


def _a_rate(_form: FlaskForm, field: Field) -> None:
    if clean(field.data or "") and _rate(field.data) is None:
        raise ValidationError(
            _(
                "「%(typed)s」は料率として読めません。「35」や「32.5%%」のように入力するか、空欄にしてください。",
                typed=quoted(field.data),
            )
        )


class BaselineForm(FlaskForm):  # type: ignore[misc]
    """The year before Relay as it is typed; an empty field is not known."""

    advertising_yen = StringField(_l("求人広告・媒体の費用（1年分）"), validators=[_a_sum])
    agency_fee_yen = StringField(_l("紹介手数料（1年分）"), validators=[_a_sum])
    hires = StringField(_l("入社した人数（1年間）"), validators=[_a_headcount])
    fee_rate = StringField(_l("紹介手数料の料率"), validators=[_a_rate])

    @classmethod
    def of(cls, said: Baseline) -> "BaselineForm":
        """Return the form with what the company said."""
        return cls(None, data=as_read(said))

    def said(self) -> Baseline:
        """Return what was typed, once it is valid."""
        typed = {field.name: field.data or "" for field in self if field.name in as_read(Baseline())}
        return Baseline(
            read_yen(typed["advertising_yen"]),
            read_yen(typed["agency_fee_yen"]),
            _people(typed["hires"]),
            _rate(typed["fee_rate"]),
        )


def as_read(said: Baseline) -> dict[str, str]:
    """Return what the company said as people read it, by the names of the fields."""
    values = {
        "advertising_yen": said.advertising_yen,
        "agency_fee_yen": said.agency_fee_yen,
        "hires": said.hires,
        "fee_rate": said.fee_rate,
    }
    return {name: "" if value is None else f"{value:,}" for name, value in values.items()}


@portal.get("/insights/baseline")
@needs("insights:read")
def insights_baseline() -> Response:
    """Show what the company said of the year before Relay."""
    said = baseline.get(db.session(), member().company_id)
    return _page(BaselineForm.of(said), marks(as_read(said)))


@portal.post("/insights/baseline")
@needs("insights:write")
def insights_baseline_save() -> AnyResponse:
    """Keep what was typed."""
    form = BaselineForm()
    stale = save(form)
    if stale is not None:
        return _page(form, request.form.get("opened", ""), status=409 if stale else 422, stale=stale)
    flash(_("Relayを始める前の1年の数字を保存しました。"))
    return done(None, go_to=url_for("portal.insights_baseline"))


def save(form: BaselineForm) -> Sequence[StaleValue] | None:
    """Keep what was typed, committed; returns values saved meanwhile, none where the form is not right, else None."""
    session, company_id = db.session(), member().company_id
    if not form.validate():
        return ()
    months.hold(session, company_id)
    stored, said = as_read(baseline.get(session, company_id)), form.said()
    stale = staleness(stored, as_read(said), {name: form[name].label.text for name in stored})
    if stale.unanswered:
        return stale.values
    kept = {name: getattr(said, name) for name in stored if name not in stale.dropped}
    before = baseline.get(session, company_id)
    merged = Baseline(**{name: kept.get(name, getattr(before, name)) for name in stored})
    try:
        baseline.keep(session, company_id, merged, by_user_id=member().user_id)
    except DomainError as refused:
        session.rollback()
        form.form_errors.append(str(refused))
        return ()
    session.commit()
    return None


def _page(form: BaselineForm, opened: str, *, status: int = 200, stale: Sequence[StaleValue] = ()) -> Response:
    return page(
        "portal/insights/baseline.html",
        status=status,
        form=form,
        opened_on=opened,
        stale=stale,
        may_write=may(member().role, "insights:write"),
    )


def _people(typed: str) -> int | None:
    return whole_number(_PEOPLE.sub("", plain_ascii(clean(typed))), most=baseline.MAX_HIRES)


def _rate(typed: str) -> Decimal | None:
    found = _RATE.fullmatch(plain_ascii(clean(typed)).replace(" ", ""))
    rate = Decimal(found[1]) if found else None
    return rate if rate is not None and rate <= baseline.MAX_RATE else None
