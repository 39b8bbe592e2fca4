"""Targets of the named rates: a percentage to reach, and in one line what is done about it (取り組むこと)."""

import re
from collections.abc import Sequence
from decimal import Decimal

from flask import Response, abort, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, Field, StringField
from wtforms.validators import ValidationError

from relay.access.context import member
from relay.access.permissions import needs
from relay.candidates.sensitive import SensitiveWords
from relay.errors import DomainError
from relay.extensions import db
from relay.forms.stale import StaleValue, marks, staleness
from relay.insight.costs import months, targets
from relay.insight.costs.targets import FigureTarget
from relay.kpis.definitions import Kpi
from relay.portal import portal
from relay.text import clean, plain_ascii, quoted
from relay.web import done, page

_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,2})?)%?")


def _a_percentage(_form: FlaskForm, field: Field) -> None:
    if clean(field.data or "") and _percent(field.data) is None:
        raise ValidationError(
            _(
                "「%(typed)s」は割合として読めません。「20」や「12.5%%」のように入力するか、空欄にしてください。",
                typed=quoted(field.data),
            )
        )


class RateTargetForm(FlaskForm):  # type: ignore[misc]
    """A target as it is typed; both left empty take it away."""

    number = StringField(_l("目標（％）"), validators=[_a_percentage])
    action = StringField(_l("取り組むこと"))
    confirmed = BooleanField(_l("個人の事情を書いていないことを確認しました"))

    def said(self) -> FigureTarget:
        """Return what was typed, once it is valid."""
        return FigureTarget(_percent(self.number.data or ""), clean(self.action.data or ""))


@portal.get("/insights/rates/target")
@needs("insights:write")
def insights_target() -> AnyResponse:
    """Show the target of one rate."""
    kpi = _asked()
    stored = _stored(kpi)
    return _page(kpi, RateTargetForm(None, data=stored), marks(stored))


@portal.post("/insights/rates/target")
@needs("insights:write")
def insights_target_save() -> AnyResponse:
    """Keep the target that was typed; words the law keeps out are asked about once (A-22)."""
    kpi, form, session, company_id = _asked(), RateTargetForm(), db.session(), member().company_id
    opened = request.form.get("opened", "")
    if not form.validate():
        return _page(kpi, form, opened, status=422)
    months.hold(session, company_id)
    stored, said = _stored(kpi), form.said()
    stale = staleness(stored, _as_read(said), {name: form[name].label.text for name in stored})
    if stale.unanswered:
        return _page(kpi, form, opened, status=409, stale=stale.values)
    before = targets.get(session, company_id).get(kpi, FigureTarget())
    number = before.number if "number" in stale.dropped else said.number
    merged = FigureTarget(number, before.action if "action" in stale.dropped else said.action)
    confirmed, by = bool(form.confirmed.data), member().user_id
    try:
        targets.keep(session, company_id, kpi, merged, known=tuple(Kpi), by_user_id=by, words_confirmed=confirmed)
    except DomainError as refused:
        session.rollback()
        form.form_errors.append(str(refused))
        return _page(kpi, form, opened, status=422, asking=isinstance(refused, SensitiveWords))
    session.commit()
    flash(_("目標を保存しました。"))
    return done(None, go_to=url_for("portal.insights_rates"))


def _asked() -> Kpi:
    asked = request.args.get("kpi", Kpi.REAPPLICATION)
    return Kpi(asked) if asked in set(Kpi) else abort(404)


def _stored(kpi: Kpi) -> dict[str, str]:
    return _as_read(targets.get(db.session(), member().company_id).get(kpi, FigureTarget()))


def _as_read(said: FigureTarget) -> dict[str, str]:
    return {"number": "" if said.number is None else f"{said.number:g}", "action": said.action}


def _page(
    kpi: Kpi,
    form: RateTargetForm,
    opened: str,
    *,
    status: int = 200,
    stale: Sequence[StaleValue] = (),
    asking: bool = False,
) -> Response:
    return page(
        "portal/insights/target.html",
        status=status,
        kpi=kpi,
        form=form,
        opened_on=opened,
        stale=stale,
        asking=asking,
    )


def _percent(typed: str) -> Decimal | None:
    found = _PERCENT.fullmatch(plain_ascii(clean(typed)).replace(" ", ""))
    number = Decimal(found[1]) if found else None
    return number if number is not None and number <= 100 else None
