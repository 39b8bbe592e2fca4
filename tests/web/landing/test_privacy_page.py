"""The public page on personal data: what the law wants on it, and one 404 for all that is not there (A-6)."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from relay.mail import compose
from relay.models import scopes
from relay.models.retention import CANDIDATE, RETENTIONS, Audience
from relay.outreach import samples
from relay.rights import privacy_draft
from relay.trust import privacy, purposes, retention_notice
from relay.trust.privacy import PrivacySection
from relay.trust.terms import MONTHS
from tests.cast import Cast
from tests.web.landing.phone import Phone, mail_link, words

PATH = "/careers/acme/privacy"


@pytest.fixture
def published(session: Session, cast: Cast) -> Cast:
    privacy.save(session, cast.acme, privacy_draft.proposal(cast.acme), by_user_id=None)
    privacy.publish(session, cast.acme)
    session.commit()
    return cast


def test_it_names_the_company_its_purposes_and_how_to_ask(phone: Phone, published: Cast) -> None:
    page = words(phone.get(PATH))
    acme = published.acme
    for told in (acme.name, acme.address, acme.representative, acme.contact):
        assert told in page
    named = (word for purpose, word in purposes.WORDS.items() if purpose not in purposes.OPTIONAL)
    for word in (*named, *privacy.WORDS.values()):
        assert str(word) in page or word is privacy.WORDS[PrivacySection.RETENTION], "nothing was added to the terms"
    assert "手数料はいただきません" in page


def test_it_prints_every_term_by_which_the_program_deletes(phone: Phone, published: Cast) -> None:
    page, about = words(phone.get(PATH)), words(phone.get("/about/privacy"))
    for term in RETENTIONS:
        told = {Audience.COMPANY: page, Audience.OPERATOR: about}.get(term.audience)
        if told is not None and term is not CANDIDATE:
            assert f"{term.what}{retention_notice.how_long(term)}" in told
    for basis, what, since, _why in retention_notice.RECORDS:
        assert f"{what}{since}から{MONTHS[basis]}か月" in page


def test_particulars_are_those_of_today(phone: Phone, session: Session, published: Cast) -> None:
    published.acme.representative = "代表 次郎"
    session.commit()
    assert "代表 次郎" in words(phone.get(PATH))


def test_unknown_and_unpublished_look_the_same(phone: Phone, published: Cast) -> None:
    """`other` is a company here and has published nothing."""
    unknown, unpublished = phone.get("/careers/nobody/privacy"), phone.get("/careers/other/privacy")
    assert unknown.status_code == unpublished.status_code == 404
    assert unknown.text == unpublished.text
    assert published.other.name not in unpublished.text


def test_it_may_be_found_and_sets_no_cookie(phone: Phone, published: Cast) -> None:
    answer = phone.get(PATH)  # the phone fails on a cookie
    assert answer.headers["X-Robots-Tag"] == "all"
    assert "noindex" not in answer.text
    assert phone.head(PATH).status_code == 200


def test_candidates_pages_lead_there_once_it_is_published(
    app: Flask, phone: Phone, session: Session, cast: Cast
) -> None:
    _link, path = mail_link(session, cast.acme)
    assert PATH not in phone.get(path).text
    privacy.save(session, cast.acme, privacy_draft.proposal(cast.acme), by_user_id=None)
    privacy.publish(session, cast.acme)
    session.commit()
    assert f'href="{PATH}"' in phone.get(path).text


def test_mails_lead_there_once_it_is_published(app: Flask, phone: Phone, session: Session, published: Cast) -> None:
    sample = samples.of_text(published.acme, published.ada.id, "Ada", "結果", "{{氏名}} 様")
    with scopes.company(session, published.acme.id):
        mail = compose.render(session, sample, preview=False)
    [line] = [line for line in mail.text.splitlines() if "/careers/" in line]
    assert f"{app.config['RELAY'].base_url}{PATH}" in line
    assert PATH in mail.html
    assert phone.get(PATH).status_code == 200
