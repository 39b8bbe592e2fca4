"""Settings of 合いそうな方: selection records (A-42), learned points, months before contact, own words."""

from datetime import date

from flask import Response, abort, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import Field, SelectChoice, SelectField, StringField
from wtforms.validators import ValidationError

from relay import clock
from relay.access.context import member
from relay.access.permissions import needs
from relay.errors import DomainError
from relay.extensions import db
from relay.forms import longest, required_text
from relay.identity import companies
from relay.indexing import own_words
from relay.indexing.own_words import MAX_WORDS
from relay.insight import learning, weights
from relay.models.company_words import MAX_WORD
from relay.models.identity import MAX_REAPPLY_MONTHS
from relay.portal import portal
from relay.portal.ui.company import own_company
from relay.portal.ui.labels import long_day
from relay.rights import privacy_draft
from relay.text import DateProblem, parse_recent_date, whole_number
from relay.trust import record_use
from relay.web import done, page


class RecordUseForm(FlaskForm):  # type: ignore[misc]
    """Since when the application form says that selection records are used."""

    told = StringField(_l("応募フォームに一文を入れた日"))
    told_on: date

    def validate_told(self, field: Field) -> None:
        """Refuse what is no day."""
        try:
            self.told_on = parse_recent_date((field.data or "").strip(), clock.today())
        except DateProblem as problem:
            raise ValidationError(str(problem)) from problem


class ReapplyForm(FlaskForm):  # type: ignore[misc]
    """How many months after their last result people are listed again."""

    months = SelectField(
        _l("最後の結果からの月数"),
        coerce=int,
        choices=[
            SelectChoice(0, _l("決めない")),
            *(SelectChoice(n, _l("%(n)dか月", n=n)) for n in range(1, MAX_REAPPLY_MONTHS + 1)),
        ],
    )


class OwnWordForm(FlaskForm):  # type: ignore[misc]
    """A word of the company's own, and what it means."""

    word = required_text(_l("自社の言い方"), _l("自社の言い方を入力してください。"), MAX_WORD)
    meaning = StringField(_l("その意味"), validators=[longest(MAX_WORD)])


@portal.get("/settings/fits")
@needs("settings:read")
def settings_fits() -> Response:
    """Show the four settings as they are."""
    return _page()


@portal.post("/settings/fits/record")
@needs("settings:write")
def settings_record_use() -> AnyResponse:
    """Switch the use of selection records on, from a day on, or off at once."""
    act = request.form.get("act", "")
    if act not in {"on", "off"}:
        abort(400)
    if act == "off":
        record_use.end(db.session(), member().company_id)
        db.session.commit()
        flash(_("選考の記録の利用を止めました。経験と資格だけで並べます。"))
        return _again("record")
    form = RecordUseForm()
    if not form.validate():
        return _page(record_form=form, status=422)
    try:
        first = record_use.begin(db.session(), member().company_id, form.told_on)
    except DomainError as refused:
        db.session.rollback()
        form.form_errors.append(str(refused))
        return _page(record_form=form, status=422)
    db.session.commit()
    flash(_("%(day)s以降に応募した候補者の、選考の記録の利用を始めました。", day=long_day(first)))
    return _again("record")


@portal.post("/settings/fits/learning")
@needs("settings:write")
def settings_learning() -> AnyResponse:
    """Go back to the stated points at once, or learn again."""
    act = request.form.get("act", "")
    if act not in {"on", "off"}:
        abort(400)
    learning.switch(db.session(), member().company_id, on=act == "on")
    db.session.commit()
    flash(_("学習した配点を使います。配点は、明日から動きます。") if act == "on" else _("はじめの配点に戻しました。"))
    return _again("learning")


@portal.post("/settings/fits/months")
@needs("settings:write")
def settings_reapply() -> AnyResponse:
    """Set the months before contact, or none."""
    form = ReapplyForm()
    if not form.validate():
        return _page(months_form=form, status=422)
    companies.set_reapply_months(db.session(), own_company(), form.months.data or None)
    db.session.commit()
    flash(_("再応募の目安を保存しました。"))
    return _again("months")


@portal.post("/settings/fits/words")
@needs("settings:write")
def own_word_add() -> AnyResponse:
    """Keep a word of the company's own; sent twice it is kept once."""
    form = OwnWordForm()
    if not form.validate():
        return _page(word_form=form, status=422)
    company_id, user_id = member().company_id, member().user_id
    try:
        made = own_words.add(db.session(), company_id, form.word.data, form.meaning.data or "", by_user_id=user_id)
    except DomainError as refused:
        db.session.rollback()
        form.form_errors.append(str(refused))
        return _page(word_form=form, status=422)
    db.session.commit()
    flash(_("「%(word)s」を追加しました。数分のうちに、全員の記録に使われます。", word=made.word))
    return _again("words")


@portal.post("/settings/fits/words/remove")
@needs("settings:write")
def own_word_remove() -> AnyResponse:
    """Remove a word; one that is gone already is gone."""
    if own_words.remove(db.session(), member().company_id, whole_number(request.form.get("word_id", "")) or 0):
        flash(_("言い方を削除しました。数分のうちに、全員の記録に使われなくなります。"))
    db.session.commit()
    return _again("words")


def _again(anchor: str) -> AnyResponse:
    return done(None, go_to=url_for("portal.settings_fits", _anchor=anchor))


def _page(
    *,
    record_form: RecordUseForm | None = None,
    months_form: ReapplyForm | None = None,
    word_form: OwnWordForm | None = None,
    status: int = 200,
) -> Response:
    company, company_id = own_company(), member().company_id
    use = record_use.standing(db.session(), company_id)
    refused = record_form or months_form or word_form
    return page(
        "portal/settings/fits.html",
        status=status,
        use=use,
        learns=company.learning_stopped_at is None,
        learned=weights.in_force(db.session()).lines(with_record=use.since is not None),
        patience=learning.PATIENCE.days,
        enough=weights.ENOUGH,
        record_form=record_form or RecordUseForm(None, told=long_day(use.published_on)),
        months_form=months_form or ReapplyForm(None, months=company.reapply_months or 0),
        word_form=word_form or OwnWordForm(None),
        refused=refused,
        words=own_words.listed(db.session()),
        most_words=MAX_WORDS,
        form_line=privacy_draft.RECORD_FORM_LINE,
    )
