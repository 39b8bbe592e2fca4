"""The form of a company's particulars."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, StringField
from wtforms.validators import InputRequired, ValidationError

from relay.errors import DomainError
from relay.forms import required_text, usable_address
from relay.identity.companies import LENGTHS, CompanyDetails, check_slug
from relay.text import Sentence, clean, plain_ascii


def _in_addresses(_form: FlaskForm, field: Field) -> None:
    try:
        check_slug(field.data)
    except DomainError as refused:
        raise ValidationError(str(refused)) from refused


def _as_in_addresses(typed: str | None) -> str:
    """Return a name for addresses from text typed in any width and case (F-12)."""
    return plain_ascii(clean(typed or "")).lower()


class CompanyDetailsForm(FlaskForm):  # type: ignore[misc]
    """The particulars that the law wants named, and the company's name in addresses."""

    name = required_text(_l("正式名称"), _l("正式名称を入力してください。"), LENGTHS["name"])
    address = required_text(_l("住所"), _l("住所を入力してください。"), LENGTHS["address"])
    representative = required_text(
        _l("代表者の氏名"), _l("代表者の氏名を入力してください。"), LENGTHS["representative"]
    )
    contact = required_text(_l("問い合わせ先"), _l("問い合わせ先を入力してください。"), LENGTHS["contact"])
    reply_to = StringField(_l("返信を受け取るアドレス"), validators=[usable_address])
    slug = StringField(
        _l("公開ページのアドレスに使う名前"),
        filters=[_as_in_addresses],
        validators=[InputRequired(_l("公開ページのアドレスに使う名前を入力してください。")), _in_addresses],
    )

    @property
    def labels(self) -> dict[str, Sentence]:
        """Return the labels of the particulars, by their names."""
        return {field.name: field.label.text for field in self if field.name != "csrf_token"}

    def facts(self) -> CompanyDetails:
        """Return the typed values."""
        return CompanyDetails(
            name=self.name.data,
            address=self.address.data,
            representative=self.representative.data,
            contact=self.contact.data,
            reply_to=self.reply_to.data or "",
        )
