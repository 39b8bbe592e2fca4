"""The kinds of file Relay knows, told apart by their header row.

A source with a signature is recognised by it; `sheet` is any hand-kept table with a column of names.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from flask_babel import lazy_gettext as _l

from relay.intake.fields import Field
from relay.text import Sentence, fold

_NAMES_OF_PEOPLE = frozenset({Field.NAME, Field.FAMILY})
_ASIDE = re.compile(r"[(\[【<〈《「]\s*(?:必須|任意|半角|全角|半角英数字?|ハイフン(?:なし|あり))\s*[)\]】>〉》」]")
_BRACKETED_END = re.compile(r"[(\[【<〈《「][^)\]】>〉》」]*[)\]】>〉》」]$")
_LONGEST = 200  # no column is called by more
_MARKS = re.compile(r"[\s*※■●◆○◇★☆:：;#_\-‐－/・.'\"()\[\]【】<>〈〉《》「」]+")

_SYNONYMS: Mapping[Field, str] = {
    Field.SOURCE_ID: "応募ID 応募者ID 候補者ID 応募番号 応募者番号 管理番号 管理ID ID ApplicationID CandidateID",
    Field.NAME: """名前 氏名 お名前 ご氏名 姓名 応募者 応募者名 応募者氏名 候補者 候補者名 候補者氏名 氏名漢字 名前漢字
        漢字氏名 漢字名 Name FullName CandidateName ApplicantName""",
    Field.FAMILY: "姓 氏 名字 苗字 姓漢字 漢字姓 LastName FamilyName Surname",
    Field.GIVEN: "名 名漢字 漢字名前 下の名前 FirstName GivenName",
    Field.KANA: """フリガナ カナ 氏名カナ 氏名フリガナ カナ氏名 フリガナ氏名 名前カナ 名前フリガナ お名前カナ
        お名前フリガナ 応募者名カナ 応募者名フリガナ 候補者名カナ 候補者名フリガナ 読み 読み仮名 ヨミガナ 氏名よみ
        氏名読み Kana NameKana""",
    Field.FAMILY_KANA: "姓カナ 姓フリガナ 姓よみ セイ カナ姓 LastNameKana FamilyNameKana",
    Field.GIVEN_KANA: "名カナ 名フリガナ 名よみ メイ カナ名 FirstNameKana GivenNameKana",
    Field.EMAIL: """メールアドレス メール Eメール Eメールアドレス 電子メール 電子メールアドレス Email EmailAddress Mail
        MailAddress 連絡先メール 連絡先メールアドレス PCメール PCメールアドレス 携帯メール 携帯メールアドレス
        メールアドレス1 メールアドレス2""",
    Field.PHONE: """電話番号 電話 TEL 携帯 携帯電話 携帯番号 携帯電話番号 連絡先電話番号 固定電話 自宅電話 自宅電話番号
        電話番号1 電話番号2 Phone PhoneNumber Mobile MobilePhone Telephone""",
    Field.BIRTH_DATE: "生年月日 誕生日 BirthDate Birthday DateOfBirth",
    Field.POSITION: """募集職種 求人 求人名 求人名称 求人タイトル 応募職種 応募求人 応募求人名 職種 ポジション
        応募ポジション 募集ポジション 募集名 Job JobTitle Position""",
    Field.CHANNEL: "応募経路 経路 応募媒体 媒体 流入経路 応募チャネル チャネル 応募元 Channel Source",
    Field.CHANNEL_DETAIL: "応募経路詳細 応募経路の詳細 経路詳細 媒体名 エージェント名 紹介会社 紹介会社名 SourceDetail",
    Field.STAGE: """選考ステップ 選考段階 選考フェーズ 選考プロセス ステップ フェーズ 現在のステップ 最終ステップ Stage
        Step""",
    Field.END: """選考終了理由 終了理由 結果 選考結果 ステータス 選考ステータス 選考状況 状況 合否 合否結果 Status
        Result""",
    Field.APPLIED_ON: """応募日 応募時刻 応募日時 応募年月日 応募受付日 受付日 エントリー日 エントリー日時 AppliedAt
        AppliedOn AppliedDate ApplicationDate""",
    Field.DECIDED_ON: """選考終了日 選考終了日時 選考終了時刻 終了日 決定日 結果確定日 不合格日 不採用日 見送り日
        お見送り日 辞退日 入社決定日 内定承諾日 DecidedAt DecidedOn""",
    Field.TAGS: "タグ ラベル Tag Tags Label Labels",
    Field.MEMO: "メモ 備考 備考欄 コメント 特記事項 所感 Memo Note Notes Comment",
}


def header_key(header: str) -> str:
    """Give the form in which headers are compared: no marks, no 必須/任意, katakana, lower case."""
    return _MARKS.sub("", fold(_ASIDE.sub("", unicodedata.normalize("NFKC", header[:_LONGEST]))))


def _columns(synonyms: Mapping[Field, str]) -> dict[str, Field]:
    return {header_key(word): kind for kind, words in synonyms.items() for word in words.split()}


_COMMON = _columns(_SYNONYMS)


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of file: its name on the command line, its label, and how its headers read."""

    name: str
    label: Sentence
    signature: frozenset[str] = frozenset()
    columns: Mapping[str, Field] = field(default_factory=lambda: _COMMON)
    channel: str = ""

    def field_of(self, header: str) -> Field | None:
        """Give what a column is taken as by its exact header, None when it says nothing to this source."""
        return self.columns.get(header_key(header))

    def field_without_aside(self, header: str) -> Field | None:
        """The same for a header with a remark at its end, such as 電話番号（日中）."""
        plain = unicodedata.normalize("NFKC", header[:_LONGEST]).strip()
        return self.field_of(_BRACKETED_END.sub("", plain)) if _BRACKETED_END.search(plain) else None

    def score(self, headers: Iterable[str]) -> int:
        """Say how well a row serves as this source's header; 0 when no column of names is there."""
        keys = {header_key(header) for header in headers} - {""}
        found = {self.columns[key] for key in keys if key in self.columns}
        return len(found) if found & _NAMES_OF_PEOPLE else 0

    def signs(self, headers: Iterable[str]) -> bool:
        """Whether a row carries this source's signature; a source without one takes every row."""
        return self.signature <= {header_key(header) for header in headers}


def _signature(words: str) -> frozenset[str]:
    return frozenset(header_key(word) for word in words.split())


HERP = Source("herp", "HERP", _signature("応募ID 応募時刻 名前 選考ステップ 選考終了理由"))
DODA = Source("doda", "doda", _signature("姓漢字 名漢字 姓カナ 名カナ"), channel="doda")
SHEET = Source("sheet", _l("一覧表"))

# Where two read a header equally well, the earlier one is right.
SOURCES = (HERP, DODA, SHEET)
FORMATS = tuple(source.name for source in SOURCES)


def label_of(name: str) -> Sentence:
    """Give the name people know a format by."""
    return next((source.label for source in SOURCES if source.name == name), name)
