"""What is written around names and positions is found by kind, and taken off a name without touching the name."""

import pytest

from relay.text.decoration import OddityKind, is_layout, odd_in_name, odd_in_position, odd_sentence, plain_name

TITLE, ASIDE, READING, MARK = OddityKind.TITLE, OddityKind.ASIDE, OddityKind.READING, OddityKind.MARK


@pytest.mark.parametrize(
    ("typed", "name", "kinds"),
    [
        ("李 小龍 様", "李 小龍", [TITLE]),
        ("高木 真由美 様 様", "高木 真由美", [TITLE, TITLE]),
        ("吉田さん", "吉田", [TITLE]),
        ("林さま", "林", [TITLE]),
        ("たなか はなこさん", "たなか はなこ", [TITLE]),
        ("山田 太郎 氏", "山田 太郎", [TITLE]),
        ("Ms. Hana Yamada", "Hana Yamada", [TITLE]),
        ("矢崎 大輔（再応募）", "矢崎 大輔", [ASIDE]),
        ("（同姓同名別人）山川 太郎", "山川 太郎", [ASIDE]),
        ("矢崎 大輔【辞退】様", "矢崎 大輔", [ASIDE, TITLE]),
        ("山川 五郎 ※要連絡", "山川 五郎", [ASIDE]),
        ("★山川 四郎", "山川 四郎", [MARK]),
        ("1. 山川 六郎", "山川 六郎", [MARK]),
        ("山川 七郎／ヤマカワ シチロウ", "山川 七郎", [READING]),
        ("山川 三郎\n（ヤマカワ サブロウ）", "山川 三郎", [READING]),
    ],
)
def test_what_stands_around_a_name_is_taken_off(typed: str, name: str, kinds: list[OddityKind]) -> None:
    plain = plain_name(typed)
    assert (plain.name, [one.kind for one in plain.taken_off]) == (name, kinds)
    assert [one.kind for one in odd_in_name(typed)] == kinds
    assert odd_in_name(plain.name) == ()


@pytest.mark.parametrize(
    "name",
    [
        *("髙橋　𠮷男", "佐々木 一", "李 君", "李 文君", "足利 尊氏", "氏家 太郎", "鵜殿", "鵜殿 太郎", "合 計子"),
        *("計良 太郎", "同 一", "見本 太郎", "野々村 例", "O'Brien & <b>Sons</b>", "J.R. Smith", "スー・チー", "メイ"),
        *("Takeshi McSan", "ゆりさ", "アウン サンスー", "宛先 00"),
    ],
)
def test_names_that_only_look_like_it_stay_as_typed(name: str) -> None:
    assert plain_name(name).name == name
    assert odd_in_name(name) == ()


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        *[(typed, OddityKind.WITHHELD) for typed in ("（氏名非公開）", "匿名", "非公開", "A.K.", "●●", "匿名希望")],
        *[(typed, OddityKind.DITTO) for typed in ("〃", "同上", '"', "↓", "同じ", "仝")],
        *[(typed, OddityKind.LAYOUT) for typed in ("合計", "【営業】", "以上", "計 3名", "合　計", "※取扱注意")],
        *[(typed, OddityKind.LOST) for typed in ("?野 一", "高〓 花子", "山\ufffd")],
    ],
)
def test_what_is_no_name_stays_and_is_told_of(typed: str, kind: OddityKind) -> None:
    assert plain_name(typed).name == typed
    assert [one.kind for one in odd_in_name(typed)] == [kind]


@pytest.mark.parametrize(
    ("title", "kinds"),
    [
        ("営業（正社員）", []),
        ("C++／組込み", []),
        ("[中途]経理", [ASIDE]),
        ("★経理", [MARK]),
        ("〃", [OddityKind.DITTO]),
        ("同上", [OddityKind.DITTO]),
        ("営?", [OddityKind.LOST]),
    ],
)
def test_positions_are_looked_at_too(title: str, kinds: list[OddityKind]) -> None:
    assert [one.kind for one in odd_in_position(title)] == kinds


def test_what_was_taken_off_and_says_something_can_be_kept() -> None:
    assert plain_name("矢崎 大輔（再応募） 様").says == ("再応募",)
    assert plain_name("山川 次郎(25)").says == (), "an age is not kept"
    assert plain_name("★山川 七郎／ヤマカワ シチロウ").reading == "ヤマカワ シチロウ"


def test_a_heading_is_told_from_a_person_with_a_mark() -> None:
    assert is_layout("【営業】")
    assert not is_layout("（氏名非公開）"), "somebody, though nobody knows who"


def test_every_kind_is_said_in_a_sentence() -> None:
    for typed in ("李 様", "李（再）", "★李", "李／リー", "〃", "?野", "匿名", "合計"):
        for oddity in odd_in_name(typed):
            assert str(odd_sentence(oddity)).endswith("。")
