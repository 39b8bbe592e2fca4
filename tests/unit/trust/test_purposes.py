"""A purpose from which the person can foresee the use, and nothing vaguer (A-2)."""

import pytest

from relay.models import Purpose
from relay.trust.purposes import MAX_LENGTH, faults


@pytest.mark.parametrize(
    ("purpose", "text"),
    [
        (Purpose.SELECTION, "書類選考と面接を行い、その結果をご本人にお知らせするために使用します。"),
        (Purpose.POOL, "応募の記録を1年間保管し、条件の合う求人が出たときにご連絡するために使用します。"),
        (Purpose.POOL, "条件の合う求人が出たときにご連絡できるよう、応募の記録を1年間保管します。"),
        (Purpose.PROVISION, "会員登録時に入力いただいた情報を、当社と提携する紹介会社に提供するために使用します。"),
        (Purpose.PROVISION, "ご本人が選んだ学校に、氏名と連絡先をお渡しするために使用します。"),
    ],
)
def test_what_says_what_will_be_done_may_stand(purpose: Purpose, text: str) -> None:
    assert faults(purpose, text) == []


@pytest.mark.parametrize(
    ("purpose", "text", "said"),
    [
        (Purpose.SELECTION, "採用選考を含む、当社の事業の遂行のために使用します。", "事業の遂行のため"),
        (Purpose.SELECTION, "採用活動に利用します。選考も含みます。", "採用活動に利用"),
        (Purpose.SELECTION, "書類選考と面接、その他これらに付随する業務に使用します。", "その他"),
        (Purpose.POOL, "保管し、必要に応じて連絡するために使用します。", "必要に応じて"),
        (Purpose.POOL, "保管してご連絡するなどの目的に使用します。", "などの目的"),
        (Purpose.PROVISION, "紹介会社への提供を含む募集情報等提供のために使用します。", "募集情報等提供のため"),
        (Purpose.SELECTION, "サービス向上のため、面接の記録を使用します。", "サービス向上のため"),
        (Purpose.POOL, "採用選考のために使用し、そのほかには使用しません。", "どんなときに連絡"),
        (Purpose.PROVISION, "ご本人のこれからのお仕事に役立てるために使用します。", "誰に渡すのか"),
        (Purpose.SELECTION, "選考のため。", "短すぎて"),
        (Purpose.SELECTION, "　\n", "書いてください"),
        (Purpose.SELECTION, "選考" * MAX_LENGTH, "文字までにしてください"),
    ],
)
def test_what_leaves_it_open_is_refused_with_the_word(purpose: Purpose, text: str, said: str) -> None:
    assert any(said in str(fault) for fault in faults(purpose, text)), [str(fault) for fault in faults(purpose, text)]
