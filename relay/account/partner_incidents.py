"""Reporting an incident to the companies and the operator; what was reported before, with its days (A-37)."""

import re

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, Field, StringField, TextAreaField
from wtforms.validators import ValidationError

from relay import clock
from relay.access.context import signed_in
from relay.access.permissions import needs
from relay.account import my_account
from relay.account.partner_joining import own_partner
from relay.errors import DomainError
from relay.extensions import db
from relay.forms import longest, past_day, required_text
from relay.network import partner_incidents as reports
from relay.text import clean, clean_block, whole_number
from relay.tokens import parse_code
from relay.trust import incidents
from relay.web import done, page

MAX_PEOPLE = 100_000_000
GUIDE = "https://www.ppc.go.jp/personalinfo/legal/leakAction/"
"""The authority's page on leaks, which leads to its form."""


class ReportForm(FlaskForm):  # type: ignore[misc]
    """The report: the incident, the day it was noticed, the people concerned, the measures."""

    what = required_text(_l("何が起きたか"), _l("何が起きたかを入力してください。"), incidents.MAX_WHAT)
    day = StringField(_l("気づいた日"))
    codes = TextAreaField(_l("関係する方の照会番号"))
    people = StringField(_l("本人の数"))
    malicious = BooleanField(_l("不正アクセスや盗難など、悪意のおそれがある（確報は60日以内）"))
    measures = TextAreaField(_l("行ったこと"), validators=[longest(reports.MAX_MEASURES)])

    def validate_day(self, field: Field) -> None:
        """Refuse a day that cannot be read, and one to come; this moment is taken where none was typed."""
        day = past_day(field, _l("これからの日は報告できません。気づいた日を入力してください。"))
        self.noticed_at = clock.now() if day == clock.today() else clock.end_of_day(day)

    def validate_codes(self, field: Field) -> None:
        """Refuse what is no reference, naming it; between them stand lines, spaces or commas."""
        typed = [each for each in re.split(r"[\s、,，・]+", clean_block(field.data or "")) if each]
        read = {each: parse_code(each) for each in typed}
        if wrong := [each for each, code in read.items() if code is None]:
            raise ValidationError(
                _(
                    "照会番号として読み取れないものがあります：%(codes)s",
                    codes="、".join(each[:20] for each in wrong[:10]),
                )
            )
        self.references = list(dict.fromkeys(code for code in read.values() if code))
        if len(self.references) > reports.MAX_CODES:
            raise ValidationError(
                _(
                    "照会番号は%(n)s件までです。多いときは空欄にして、本人の数だけを入力してください。",
                    n=reports.MAX_CODES,
                )
            )

    def validate_people(self, field: Field) -> None:
        """Refuse what is no number; nothing is still being found out."""
        typed = (field.data or "").strip()
        self.count = whole_number(typed)
        if typed and (self.count is None or self.count > MAX_PEOPLE):
            raise ValidationError(_("本人の数は、数字で入力してください。分からないときは空欄のままにします。"))


@my_account.get("/incidents")
@needs("incidents:report")
def partner_incidents() -> Response:
    """Show what was reported, and the form of another report."""
    return _page(ReportForm(None))


@my_account.post("/incidents")
@needs("incidents:report")
def partner_incidents_post() -> AnyResponse:
    """Report it: kept here, entered at every company in partnership, told to the operator."""
    form = ReportForm()
    if not form.validate():
        return _page(form, status=422)
    try:
        reports.report(
            db.session(),
            own_partner(),
            what=clean(form.what.data),
            noticed_at=form.noticed_at,
            codes=form.references,
            people=form.count,
            malicious=form.malicious.data,
            measures=clean_block(form.measures.data or ""),
            by_user_id=signed_in().user_id,
        )
    except DomainError as refused:
        db.session.rollback()
        form.codes.errors = [str(refused)]
        return _page(form, status=422)
    db.session.commit()
    flash(_("事故の報告を受け付けました。提携している企業と運営者にお知らせします。期限を確認してください。"))
    return done(None, go_to=url_for("my_account.partner_incidents"))


def _page(form: ReportForm, status: int = 200) -> Response:
    found = reports.listed(db.session(), after=request.args.get("after", ""), before=request.args.get("before", ""))
    here = "my_account.partner_incidents"
    return page(
        "account/partner_incidents.html",
        status=status,
        form=form,
        rows=[(each, *incidents.report_by(each)) for each in found.rows],
        newer_url=url_for(here, before=found.previous) if found.previous else "",
        older_url=url_for(here, after=found.next) if found.next else "",
        guide=GUIDE,
    )
