"""Settings: the legal checklist (法務の確認), one form for each question (0.5, A-42, B-18, C-2)."""

from flask import Response, abort, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import Field, StringField
from wtforms.validators import ValidationError

from relay import clock
from relay.access.context import member
from relay.access.permissions import needs
from relay.extensions import db
from relay.forms import longest
from relay.models import LegalItem
from relay.portal import portal
from relay.portal.settings.operator import LABOUR_OFFICES
from relay.portal.ui.labels import long_day
from relay.text import DateProblem, clean, parse_recent_date
from relay.trust import legal_checklist
from relay.trust.legal_checklist import QUESTIONS, LegalEntry
from relay.web import done, page


class LegalForm(FlaskForm):  # type: ignore[misc]
    """The owner of a question, and the day it was confirmed."""

    owner = StringField(_l("担当"), validators=[longest(legal_checklist.MAX_OWNER)])
    day = StringField(_l("弁護士か労働局に確認した日"))

    def validate_day(self, field: Field) -> None:
        """Refuse a day that cannot be read, and one to come; without one the question is open."""
        typed = (field.data or "").strip()
        try:
            self.confirmed_on = parse_recent_date(typed, clock.today()) if typed else None
        except DateProblem as problem:
            raise ValidationError(str(problem)) from problem
        if self.confirmed_on and self.confirmed_on > clock.today():
            raise ValidationError(_("これからの日は記録できません。確認した日を入力してください。"))


@portal.get("/settings/legal")
@needs("settings:read")
def settings_legal() -> Response:
    """Show each question with its owner and its day."""
    return _page()


@portal.post("/settings/legal")
@needs("settings:write")
def settings_legal_save() -> AnyResponse:
    """Keep the owner and the day of one question."""
    item = request.form.get("item", "")
    if item not in set(LegalItem):
        abort(400)
    form = LegalForm(prefix=item)
    if not form.validate():
        return _page(form, LegalItem(item), status=422)
    entry = LegalEntry(LegalItem(item), clean(form.owner.data or ""), form.confirmed_on)
    legal_checklist.save(db.session(), member().company_id, entry, by_user_id=member().user_id)
    db.session.commit()
    flash(_("「%(title)s」を保存しました。", title=QUESTIONS[entry.item][0]))
    return done(None, go_to=url_for("portal.settings_legal", _anchor=item))


def _page(refused: LegalForm | None = None, of: LegalItem | None = None, *, status: int = 200) -> Response:
    entries = legal_checklist.entries(db.session(), member().company_id)
    return page(
        "portal/settings/legal.html",
        status=status,
        rows=[(each, *QUESTIONS[each.item], refused if each.item is of else _form(each)) for each in entries],
        refused=refused,
        labour_offices=LABOUR_OFFICES,
    )


def _form(entry: LegalEntry) -> LegalForm:
    return LegalForm(None, prefix=entry.item.value, data={"owner": entry.owner, "day": long_day(entry.confirmed_on)})
