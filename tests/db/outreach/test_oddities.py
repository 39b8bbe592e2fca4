"""What would stand odd in a mail is found by person before it leaves; what is as it should be is not."""

import pytest

from relay import clock
from relay.models import ApplicationResult, RejectionReason
from relay.outreach import templates
from relay.outreach.draft_rows import Choice, DraftRow
from relay.outreach.oddities import odd_people
from relay.outreach.templates import TemplateText

COMPANY, SENDER = "（株）アクメ工業", "安達 まこと"
BODY = "{{氏名}} 様\n\n{{会社名}}の{{担当者}}です。{{応募職種}}の選考では…\n\n{{ひとこと}}"


def row(name: str = "高木 真由美", position: str = "経理", remark: str = "", body: str = BODY) -> DraftRow:
    text = TemplateText(1, "面接後", 1, 1, "結果のご連絡", body, clock.now(), None, templates.RESULT)
    return DraftRow(
        message_id=1, application_id=1, candidate_id=1, name=name, kana="", address="a@mail.example",
        position=position, stage="一次面接", applied_on=None, recorded_at=clock.now(),
        status=ApplicationResult.REJECTED, decided_reason=RejectionReason.SKILLS,
        is_notified=False, bounced=False, own=Choice(), reason=RejectionReason.SKILLS, template=text, remark=remark,
        sure=(), rejecting=False,
    )  # fmt: skip


def found(*rows: DraftRow, sender: str = SENDER) -> list[str]:
    return [placeholder for person in odd_people(rows, COMPANY, sender) for placeholder, _value, _why in person.found]


@pytest.mark.parametrize(
    "name",
    [
        "高木 真由美 様", "高木真由美さん", "髙木 真由美さま", "矢崎 大輔（再応募）", "矢崎 大輔［再応募］",
        "(仮)矢崎 大輔",
        "★山川 四郎", "山川 四郎※要連絡", "〃", "同上", "?野 花子", "〓田 次郎", "\ufffd田 次郎",
        "氏名非公開", "匿名希望",
        "（氏名非公開）", "1. 山川 四郎",
    ],
)  # fmt: skip
def test_a_name_that_would_read_odd_behind_its_greeting(name: str) -> None:
    assert "氏名" in found(row(name=name))


@pytest.mark.parametrize(
    "position",
    [
        "〃", "同上", "″", "[中途]経理", "【急募】経理", "経理？", "経〓", "★経理", "経理★急募", "経理※未経験可",
        "経理〃",
    ],
)  # fmt: skip
def test_a_position_that_would_read_odd_in_a_sentence(position: str) -> None:
    assert found(row(position=position)) == ["応募職種"]


@pytest.mark.parametrize("name", ["高木 真由美", "様田 君子", "佐々木 健", "マリア・ガルシア", "John Smith", "林"])
@pytest.mark.parametrize("position", ["経理", "営業（正社員）", "C++ エンジニア", "SE/PG", "", "施設長・管理者"])
def test_what_is_as_it_should_be(name: str, position: str) -> None:
    assert found(row(name=name, position=position, remark="いかがでしょうか？（またお会いできますように）")) == []


def test_only_what_the_text_asks_for_is_looked_at() -> None:
    assert found(row(position="〃", body="{{氏名}} 様\n\n見送りとします。")) == []
    assert found(row(position="〃", body="{{ 氏名 }} 様\n\n｛｛応募職種｝｝の結果です。")) == ["応募職種"]


@pytest.mark.parametrize(("remark", "sender"), [("〓をありがとうございました。", SENDER), ("同上", SENDER), ("", "〃")])
def test_the_remark_and_the_sender_are_looked_at_for_what_no_text_means(remark: str, sender: str) -> None:
    assert len(found(row(remark=remark), sender=sender)) == 1


def test_everything_odd_about_one_person_is_said() -> None:
    assert found(row(name="高木 真由美 様", position="〃"), row()) == ["氏名", "応募職種"]
