"""The company's own months: how many people a change moves is said before it is saved (A-24)."""

from flask import Flask
from sqlalchemy.orm import Session

from relay.models import RetentionBasis
from relay.rights import privacy_draft
from relay.trust import privacy, terms
from tests.cast import Cast, browse
from tests.db.rights.test_term_changes import decided

PATH = "/settings/privacy/retention"
MONTHS = {"selection": "6", "stated": "3", "consented": "12"}


def test_a_change_is_looked_at_before_it_is_saved(app: Flask, session: Session, cast: Cast) -> None:
    decided(session, cast.acme, 0)
    adam = browse(app, cast.adam)
    looked = adam.get(PATH, query_string=MONTHS | {"look": "1"}).text
    assert "1名の保管期限が、いまより早くなります" in looked
    assert 'value="6-3-12"' in looked
    for unseen in ("", "6-4-12"):
        unsaved = adam.post(PATH, data=MONTHS | {"looked": unseen}, follow_redirects=True).text
        assert "まだ変更していません" in unsaved, "other months than were looked at"
    assert terms.of_company(session, cast.acme.id).rows == ()
    saved = adam.post(PATH, data=MONTHS | {"looked": "6-3-12"}, follow_redirects=True).text
    assert "保管期間を変更しました" in saved
    session.rollback()
    assert terms.of_company(session, cast.acme.id).newest()[RetentionBasis.STATED] == 3


def test_a_text_that_names_a_period_is_refused_and_one_that_was_published_is_pointed_out(
    app: Flask, session: Session, cast: Cast
) -> None:
    privacy.save(session, cast.acme, privacy_draft.proposal(cast.acme), by_user_id=None)
    privacy.publish(session, cast.acme)
    session.commit()
    adam = browse(app, cast.adam)
    assert "公開中の文章に、保管期間が書かれています" not in adam.get("/settings/privacy").text
    refused = adam.post("/settings/privacy", data=_form(cast) | {"act": "publish"})
    assert refused.status_code == 422
    assert "この文章からは「6か月」「無期限」のような期間を削除してください" in refused.text
    _publish_as_earlier_versions_did(session, cast)
    assert "公開中の文章に、保管期間が書かれています" in adam.get("/settings/privacy").text


def _form(cast: Cast) -> dict[str, str]:
    content = privacy_draft.proposal(cast.acme)
    typed = {purpose.value: text for purpose, text in content.purposes.items()}
    typed |= {part.value: text for part, text in content.sections.items()}
    return typed | {"retention": "結果が決まった日から6か月間保管します。", "seen": "1"}


def _publish_as_earlier_versions_did(session: Session, cast: Cast) -> None:
    from relay import clock
    from relay.models import PrivacyText, scopes

    with scopes.company(session, cast.acme.id):
        before = session.query(PrivacyText).one()
        sections = before.sections | {"retention": "6か月間保管します。"}
        session.add(PrivacyText(version=2, sections=sections, created_at=clock.now(), published_at=clock.now()))
        session.commit()
