"""Settings: what the company uses personal data for, and its public page about that (A-1, A-2, A-5, A-6)."""

from typing import Any

from flask import Response, abort, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import HiddenField, TextAreaField
from wtforms.validators import InputRequired

from relay.access.context import member
from relay.access.permissions import needs
from relay.errors import DomainError
from relay.extensions import db, settings
from relay.models import Company, Purpose
from relay.network.partner_options import sharing_company
from relay.portal import portal
from relay.portal.setup import steps as setup_steps
from relay.portal.ui.company import own_company
from relay.portal.ui.navigation import tab
from relay.rights import privacy_draft
from relay.text import whole_number
from relay.text.sentence import Sentence
from relay.trust import privacy, purposes, retention_notice, terms
from relay.trust.privacy import Content, PrivacySection, PrivacyTextVersion
from relay.web import done, page


def _written(part: Sentence) -> TextAreaField:
    """Return a field for one part of the page; a refusal names it."""
    return TextAreaField(part, validators=[InputRequired(_l("「%(part)s」を入力してください。", part=part))])


class PrivacyForm(FlaskForm):  # type: ignore[misc]
    """The purposes and the four parts beside them; `seen` is the version the writer began with."""

    selection = _written(purposes.WORDS[Purpose.SELECTION])
    pool = _written(purposes.WORDS[Purpose.POOL])
    record = TextAreaField(purposes.WORDS[Purpose.RECORD])
    provision = _written(purposes.WORDS[Purpose.PROVISION])
    retention = TextAreaField(privacy.WORDS[PrivacySection.RETENTION])
    security = _written(privacy.WORDS[PrivacySection.SECURITY])
    requests = _written(privacy.WORDS[PrivacySection.REQUESTS])
    complaints = _written(privacy.WORDS[PrivacySection.COMPLAINTS])
    seen = HiddenField()

    def content(self) -> Content:
        """Return the typed values."""
        return Content(
            purposes={purpose: self[purpose.value].data or "" for purpose in Purpose},
            sections={part: self[part.value].data or "" for part in PrivacySection},
        )

    @property
    def seen_version(self) -> int:
        """Return the version the writer began with; 0 where there was none."""
        return whole_number(self.seen.data or "") or 0


@portal.get("/settings/privacy")
@needs("settings:read")
@tab(8, _l("個人情報の取扱い"))
def settings_privacy() -> Response:
    """Show the published text, or Relay's proposal to a company that has written nothing yet."""
    return _privacy_page(privacy_context())


@portal.post("/settings/privacy")
@needs("settings:write")
def settings_privacy_post() -> AnyResponse:
    """Keep what was written and, if so asked, show it to anyone; it is kept also when that has to wait."""
    company, form = own_company(), PrivacyForm()
    act = request.form.get("act", "")
    if act not in {"keep", "publish", "confirmed"}:
        abort(400)
    if not form.validate():
        return _privacy_page(privacy_context(form), status=422)
    try:
        kept = privacy.save(
            db.session(),
            company,
            form.content(),
            by_user_id=member().user_id,
            seen_version=form.seen_version,
        )
        db.session.commit()
    except DomainError as refused:
        _explain(form, refused)
        return _privacy_page(privacy_context(form), status=422)
    if act == "keep":
        flash(_("下書きを保存しました。公開しているページは変わっていません。"))
        return _onwards()
    return _publish(company, form, kept, confirmed=act == "confirmed")


@portal.get("/settings/privacy/preview")
@needs("settings:read")
def settings_privacy_preview() -> Response:
    """Show the public page as it will be, from what was saved last, or from the proposal."""
    company = own_company()
    written = privacy.newest(db.session(), company.id) or proposed(company)
    in_force = terms.of_company(db.session(), company.id)
    return page(
        "landing/privacy.html",
        text=written,
        words=privacy.WORDS,
        retention_lines=retention_notice.of_company(in_force),
        terms_changed=bool(in_force.rows),
        notice_days=terms.NOTICE.days,
        purpose_words=purposes.WORDS,
        preview=True,
        company=sharing_company(db.session(), company.id),
        company_name=company.name,
    )


def privacy_context(form: PrivacyForm | None = None, *, doubt: str = "") -> dict[str, Any]:
    """Return what the form needs, here and among the steps of the set-up."""
    company = own_company()
    newest, shown = privacy.newest(db.session(), company.id), privacy.current(db.session(), company.id)
    return {
        "privacy_form": form or _form_of(newest or proposed(company)),
        "privacy_newest": newest,
        "privacy_shown": shown,
        "privacy_doubt": doubt,
        "privacy_repeats_terms": shown is not None and privacy.names_a_period(shown.sections[PrivacySection.RETENTION]),
        "retention_lines": retention_notice.of_company(terms.of_company(db.session(), company.id)),
        "form_line": privacy_draft.FORM_LINE,
        "record_draft": privacy_draft.RECORD,
        "privacy_url": settings().base_url + url_for("landing.careers_privacy", slug=company.slug),
    }


def proposed(company: Company) -> PrivacyTextVersion:
    """Relay's proposal as if it were the version before the first."""
    content = privacy_draft.proposal(company)
    wordings = tuple(purposes.Wording(purpose, 0, text) for purpose, text in content.purposes.items())
    return PrivacyTextVersion(0, company.created_at, None, wordings, content.sections)


def _form_of(text: PrivacyTextVersion) -> PrivacyForm:
    written = {wording.purpose.value: wording.text for wording in text.purposes}
    written |= {part.value: words for part, words in text.sections.items()}
    return PrivacyForm(None, **written, seen=str(text.version))


def _publish(company: Company, form: PrivacyForm, kept: PrivacyTextVersion, *, confirmed: bool) -> AnyResponse:
    form.seen.data = str(kept.version)
    try:
        privacy.publish(db.session(), company, confirmed=confirmed)
        db.session.commit()
    except privacy.PurposeChangeDoubted as doubted:
        return _privacy_page(privacy_context(form, doubt=str(doubted)), status=422)
    except DomainError as refused:
        form.form_errors.append(str(refused))
        return _privacy_page(privacy_context(form), status=422)
    flash(_("個人情報の取扱いのページを公開しました。"))
    return _onwards()


def _onwards() -> AnyResponse:
    return done(None, go_to=setup_steps.after(url_for("portal.settings_privacy")))


def _explain(form: PrivacyForm, refused: DomainError) -> None:
    """Put what was said where the person looks; what they typed stays."""
    db.session.rollback()
    if not isinstance(refused, privacy.PrivacyRefused):
        form.form_errors.append(str(refused))
        if isinstance(refused, privacy.PrivacyTextChangedMeanwhile):
            newest = privacy.newest(db.session(), own_company().id)
            form.seen.data = str(newest.version if newest else 0)
        return
    for place, sentence in refused.findings:
        field = form[place.value]
        field.errors = [*field.errors, str(sentence)]


def _privacy_page(context: dict[str, Any], *, status: int = 200) -> Response:
    if setup_steps.sent_from("privacy"):
        return page("portal/setup/privacy.html", status=status, **context, **setup_steps.frame("privacy"))
    return page(
        "portal/settings/privacy.html",
        status=status,
        **context,
    )
