"""Settings: the related companies (関連会社) of which candidates may say that they may be told of them (A-48)."""

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import StringField
from wtforms.validators import InputRequired

from relay.access.context import member
from relay.access.permissions import needs
from relay.errors import DomainError
from relay.extensions import db
from relay.forms import required_text
from relay.identity.companies import LENGTHS
from relay.models import RelatedCompany
from relay.network import related_companies
from relay.network.related_companies import MAX_COMPANIES, RelatedAnotherPerson, RelatedFacts
from relay.portal import portal
from relay.portal.ui.labels import capped
from relay.text import whole_number
from relay.web import done, page


class RelatedCompanyForm(FlaskForm):  # type: ignore[misc]
    """The particulars of one related company, as candidates read them."""

    name = required_text(_l("正式名称"), _l("正式名称を入力してください。"), LENGTHS["name"])
    corporate_number = StringField(_l("法人番号"), validators=[InputRequired(_l("法人番号を入力してください。"))])
    address = required_text(_l("住所"), _l("住所を入力してください。"), LENGTHS["address"])
    representative = required_text(
        _l("代表者の氏名"), _l("代表者の氏名を入力してください。"), LENGTHS["representative"]
    )
    contact = required_text(_l("問い合わせ先"), _l("問い合わせ先を入力してください。"), LENGTHS["contact"])

    def facts(self) -> RelatedFacts:
        """Return the typed values."""
        return RelatedFacts(
            name=self.name.data,
            address=self.address.data,
            representative=self.representative.data,
            contact=self.contact.data,
            corporate_number=self.corporate_number.data,
        )


@portal.get("/settings/related")
@needs("settings:read")
def settings_related() -> Response:
    """Show the related companies, each with how many candidates agreed, and a form for one more."""
    return _page()


@portal.post("/settings/related")
@needs("settings:write")
def settings_related_save() -> AnyResponse:
    """Add one, or change the one that is named."""
    related_id = whole_number(request.form.get("related", "")) or 0
    form = RelatedCompanyForm(prefix=_prefix(related_id))
    if not form.validate():
        return _page(form, related_id, status=422)
    mine = {"by_user_id": member().user_id}
    session, company_id = db.session(), member().company_id
    try:
        if related_id:
            sure = "sure" in request.form
            saved = related_companies.change(session, company_id, related_id, form.facts(), sure=sure, **mine)
        else:
            saved = related_companies.add(session, company_id, form.facts(), **mine)
    except DomainError as refused:
        session.rollback()
        form.form_errors.append(str(refused))
        return _page(form, related_id, status=422, asking_sure=isinstance(refused, RelatedAnotherPerson))
    session.commit()
    if saved is None:
        flash(_("この関連会社は、すでに一覧から削除されています。保存していません。"))
    else:
        flash(_("「%(name)s」を保存しました。", name=saved.name))
    return done(None, go_to=url_for("portal.settings_related"))


@portal.post("/settings/related/remove")
@needs("settings:write")
def settings_related_remove() -> AnyResponse:
    """Remove one: the words about it end. One that is gone already is gone."""
    related_id = whole_number(request.form.get("related", "")) or 0
    if related_companies.remove(db.session(), member().company_id, related_id):
        flash(_("関連会社を削除しました。この会社に知らせることへの同意は、すべて終わりました。"))
    db.session.commit()
    return done(None, go_to=url_for("portal.settings_related"))


def _page(
    refused: RelatedCompanyForm | None = None, of: int = 0, *, status: int = 200, asking_sure: bool = False
) -> Response:
    session, company_id = db.session(), member().company_id
    named = related_companies.named(session, company_id)
    adding = refused if refused is not None and not of else RelatedCompanyForm(None, prefix=_prefix(0))
    return page(
        "portal/settings/related.html",
        status=status,
        rows=[(each, refused if refused is not None and each.id == of else _form(each)) for each in named],
        agreed={
            each: capped(count, related_companies.COUNT_CAP, _("名"))
            for each, count in related_companies.count_agreed(session, company_id, [row.id for row in named]).items()
        },
        adding=adding if len(named) < MAX_COMPANIES else None,
        refused=refused,
        asking_sure=of if asking_sure else 0,
        confirmed=related_companies.confirmed(session, company_id),
        most=MAX_COMPANIES,
    )


def _prefix(related_id: int) -> str:
    """Return what tells the fields of one company's form from the others' on the page."""
    return f"r{related_id}"


def _form(related: RelatedCompany) -> RelatedCompanyForm:
    return RelatedCompanyForm(None, obj=related, prefix=_prefix(related.id))
