"""開示等の請求: the list of what people asked about their own data, and one typed after a call (A-29, A-30)."""

from datetime import date

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import Field, RadioField, SelectChoice, StringField, TextAreaField
from wtforms.validators import InputRequired

from relay import clock
from relay.access.context import member
from relay.access.permissions import needs
from relay.extensions import db
from relay.forms import longest, past_day, usable_address
from relay.models import DataRequest, RequestKind, RequestSource, RequestState
from relay.portal import portal
from relay.portal.ui.labels import words
from relay.rights import data_requests, request_register
from relay.rights.data_requests import RequestInput
from relay.text import clean_block
from relay.web import done, page


class TypedRequestForm(FlaskForm):  # type: ignore[misc]
    """A request as it was heard on the telephone or read in a letter."""

    kind = RadioField(
        _l("請求の種類"),
        choices=[SelectChoice(kind.value, kind.label) for kind in RequestKind],
        validators=[InputRequired(_l("請求の種類を選んでください。"))],
    )
    address = StringField(_l("ご本人のメールアドレス"), validators=[longest(254), usable_address])
    day = StringField(_l("受け付けた日"))
    text = TextAreaField(_l("請求の内容"), validators=[longest(data_requests.MAX_TEXT)])

    def validate_day(self, field: Field) -> None:
        """Read the day; today is taken where none was typed."""
        self.received_on = past_day(field, _l("これからの日は記録できません。受け付けた日を入力してください。"))


@portal.get("/requests")
@needs("requests:write")
def requests() -> Response:
    """List the open requests by their day, or the closed ones, the newest first."""
    closed = request.args.get("view") == "closed"
    after, before = request.args.get("after", ""), request.args.get("before", "")
    found = request_register.listed(db.session(), closed=closed, after=after, before=before)
    here, view = "portal.requests", "closed" if closed else None
    return page(
        "portal/settings/requests.html",
        found=found,
        closed=closed,
        tone=tone,
        today=clock.today(),
        newer_url=url_for(here, before=found.previous, view=view) if found.previous else "",
        older_url=url_for(here, after=found.next, view=view) if found.next else "",
        **words(),
    )


@portal.get("/requests/new")
@needs("requests:write")
def request_new() -> Response:
    """Show the form for a request that came by telephone, by letter or in person."""
    return _form(TypedRequestForm(None))


@portal.post("/requests/new")
@needs("requests:write")
def request_create() -> AnyResponse:
    """Open the request; the person is asked by mail to confirm that they asked."""
    form, who = TypedRequestForm(), member()
    if not form.validate():
        return _form(form, status=422)
    asked = RequestInput(form.address.data or "", clean_block(form.text.data or ""), received_on=form.received_on)
    kind, source = RequestKind(form.kind.data), RequestSource.TYPED
    made = data_requests.receive(db.session(), who.company_id, asked, [kind], source=source, by_user_id=who.user_id)
    db.session.commit()
    if not made:
        flash(_("同じ請求をすでに受け付けています。内容は、その請求に書き足しました。"))
        return done(None, go_to=url_for("portal.requests"))
    flash(_("請求を受け付けました。"))
    return done(None, go_to=url_for("portal.request_show", request_id=made[0].id))


def tone(asked: DataRequest) -> str:
    """Return how much an open request presses: amber from the 7th day, red from the 12th (A-30)."""
    if asked.state is not RequestState.OPEN:
        return ""
    left = asked.due_on - clock.today()
    if left <= request_register.DUE - request_register.RED:
        return "danger"
    return "warn" if left <= request_register.DUE - request_register.AMBER else "info"


def is_overdue(day: date) -> bool:
    """Return whether the day of an answer is over."""
    return day < clock.today()


def _form(form: TypedRequestForm, *, status: int = 200) -> Response:
    return page("portal/settings/request_new.html", status=status, form=form, **words())
