"""A company's texts: three to begin with, a version for each change, and the one that fits how far someone got."""

import pytest
from sqlalchemy import func, select

from relay.models import Event, EventTag, MailTemplateVersion, scopes
from relay.outreach import templates
from tests.db.outreach.conftest import Desk


def test_the_standard_texts_are_installed_once(desk: Desk) -> None:
    acme = desk.cast.acme
    templates.install_defaults(desk.session, acme.id)
    with scopes.company(desk.session, acme.id):
        names = [text.name for text in templates.choices(desk.session)]
    assert names == ["書類選考後", "面接後", "簡潔"]


def test_a_change_is_a_version_and_the_earlier_ones_stay(desk: Desk) -> None:
    acme = desk.cast.acme
    with scopes.company(desk.session, acme.id):
        made = templates.create(
            desk.session, name="いつもの", subject="結果", body="{{ 氏名 }} 様\n\n見送りです。", by_user_id=None
        )
        saved = templates.save(
            desk.session,
            made,
            name="いつもの",
            subject="結果",
            body="{{氏名}} 様\n\n今回は見送ります。",
            by_user_id=None,
        )
        again = templates.save(
            desk.session, made, name="いつもの", subject=saved.subject, body=saved.body, by_user_id=None
        )
        bodies = desk.session.scalars(
            select(MailTemplateVersion.body)
            .where(MailTemplateVersion.template_id == made.id)
            .order_by(MailTemplateVersion.version)
        ).all()
    assert bodies == ["{{氏名}} 様\n\n見送りです。", "{{氏名}} 様\n\n今回は見送ります。"]
    assert again.version == saved.version == 2
    told = select(func.count()).where(Event.tag == EventTag.TEMPLATE_SAVED.value, Event.subject_id == made.id)
    assert desk.session.scalar(told) == 2


def test_a_refused_text_leaves_no_trace(desk: Desk) -> None:
    with scopes.company(desk.session, desk.cast.acme.id), pytest.raises(templates.TextRefused) as refused:
        templates.create(desk.session, name="贈り物", subject="結果", body="{{氏名}} 様 謝礼", by_user_id=None)
    desk.session.rollback()
    assert [place for place, _sentence in refused.value.findings.refusals] == ["body"]
    with scopes.company(desk.session, desk.cast.acme.id):
        assert "贈り物" not in [text.name for text in templates.listed(desk.session)]


@pytest.mark.parametrize(
    ("stage", "name"),
    [
        ("書類選考", "書類選考後"),
        ("応募", "書類選考後"),
        ("一次面接", "面接後"),
        ("最終", "面接後"),
        ("一次選考", "簡潔"),
        ("", "簡潔"),
    ],
)
def test_the_text_fits_how_far_somebody_got(desk: Desk, stage: str, name: str) -> None:
    with scopes.company(desk.session, desk.cast.acme.id):
        fitting = templates.fitting(templates.choices(desk.session), stage)
    assert fitting is not None
    assert fitting.name == name


def test_nothing_fits_where_there_is_nothing() -> None:
    assert templates.fitting([], "一次面接") is None
