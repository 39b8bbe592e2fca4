"""Names of columns, in the sheets of people and in the files of systems that keep applicants."""

import re
import unicodedata
from collections.abc import Mapping

from relay.intake.fields import OF_CANDIDATE, Field
from relay.text import fold

_ASIDE = re.compile(r"[(\[【<〈《「]\s*(?:必須|任意|半角|全角|半角英数字?|ハイフン(?:なし|あり))\s*[)\]】>〉》」]")
_MAX_LENGTH = 200  # no column is called by more
_MARKS = re.compile(r"[\s*※■●◆○◇★☆:：;#_\-‐－/・.'\"()\[\]【】<>〈〉《》「」]+")

_SYNONYMS: Mapping[Field, str] = {field: declared.import_words for field, declared in OF_CANDIDATE.items()} | {
    Field.SOURCE_ID: """応募ID 応募番号 管理番号 管理ID ID ApplicationID OpportunityID 受付番号 エントリーID
        エントリー番号 EntryID""",
    Field.PERSON_ID: """応募者ID 候補者ID 応募者番号 候補者番号 求職者ID 求職者番号 会員ID 会員番号 ApplicantID
        ApplicantNumber CandidateID CandidateNumber PersonID ProfileID ContactID""",
    Field.FAMILY: "姓 氏 名字 苗字 姓漢字 漢字姓 氏名姓 応募者名姓 候補者名姓 LastName FamilyName Surname",
    Field.GIVEN: "名 名漢字 漢字名前 下の名前 氏名名 応募者名名 候補者名名 FirstName GivenName",
    Field.FAMILY_KANA: """姓カナ 姓フリガナ 姓よみ 姓読み セイ カナ姓 フリガナ姓 フリガナセイ 氏名カナ姓
        氏名カナセイ LastNameKana FamilyNameKana""",
    Field.GIVEN_KANA: """名カナ 名フリガナ 名よみ 名読み メイ カナ名 フリガナ名 フリガナメイ 氏名カナ名
        氏名カナメイ FirstNameKana GivenNameKana""",
    Field.SKILLS: """スキル スキル資格 資格スキル 保有スキル 保有スキル資格 経験スキル スキルセット 得意分野
        Skill Skills""",
    Field.POSITION: """募集職種 募集職種名 求人 求人名 求人名称 求人タイトル 応募職種 応募求人 応募求人名 職種 職種名
        ポジション ポジション名 応募ポジション 応募ポジション名 応募先 応募先職種 募集ポジション 募集名
        選考ポジション 選考ポジション名 Job JobName JobTitle Jobs Position Posting PostingTitle Requisition
        RequisitionName""",
    Field.CHANNEL: """応募経路 経路 応募媒体 媒体 流入経路 応募チャネル チャネル 応募元 応募ルート 応募手段
        募集媒体 募集媒体名 採用媒体 採用媒体名 求人媒体 求人媒体名 求人サイト 応募サイト 掲載媒体
        応募チャネル名 チャネル種別 応募経路種別 採用チャネル Channel ChannelType Source Origin""",
    Field.CHANNEL_DETAIL: """応募経路詳細 応募経路の詳細 経路詳細 媒体名 チャネル詳細 チャネル名 エージェント
        エージェント名 紹介エージェント 人材紹介会社 人材紹介会社名 紹介会社 紹介会社名 紹介元 SourceDetail
        SourceDetails ReferredBy""",
    Field.STAGE: """選考ステップ 選考段階 選考フェーズ 選考プロセス ステップ ステージ 選考ステージ フェーズ 進捗
        現在のステップ 現在のステージ 最終ステップ Stage CurrentStage StageName Step""",
    Field.RESULT: """選考終了理由 終了理由 結果 選考結果 最終結果 ステータス 選考ステータス 応募ステータス
        候補者ステータス 選考状況 現在の選考状況 選考の状況 対応状況 判定 最終判定 採用結果 採用可否 状況
        選考状態 合否 合否結果 採否 合否判定 選考判定 採用判定 最終合否 Decision Disposition Status CurrentStatus
        ApplicationStatus FinalResult Result Outcome""",
    Field.REASON: """お見送り理由 見送り理由 見送りの理由 不採用理由 不合格理由 辞退理由 辞退理由分類
        辞退理由詳細 不合格理由分類 不合格理由詳細 お見送り理由詳細 見送り事由 不採用事由 辞退不採用理由
        不採用辞退理由 NG理由 お断り理由 落選理由 終了理由詳細 RejectionReason RejectedReason RejectReason
        ArchiveReason ArchivedReason ReasonForRejection""",
    Field.APPLIED_ON: """応募日 応募時刻 応募日時 応募年月日 応募受付日 受付日 受付日時 エントリー日
        エントリー日時 登録日 登録日時 AppliedAt AppliedOn AppliedDate Applied DateApplied ApplicationDate
        RegisteredAt CreatedAt""",
    Field.DECIDED_ON: """選考終了日 選考終了日時 選考終了時刻 終了日 決定日 結果確定日 結果通知日 不合格日
        不採用日 見送り日 お見送り日 辞退日 選考辞退日 不採用通知日 不合格通知日 お祈りメール送信日 結果連絡日
        合否連絡日 合否決定日 判定日 入社決定日 内定承諾日 DecidedAt DecidedOn RejectedOn RejectedAt
        DateRejected RejectionDate ArchiveDate ClosedAt ClosedOn ArchivedAt ArchivedOn DateArchived HiredOn
        HiredAt""",
    Field.SCORE: "評価 総合評価 評点 スコア 点数 評価点 選考評価 Score Rating OverallRating OverallScore",
    Field.EVALUATION: """面接官コメント 面接コメント 面接メモ 面接所感 面接評価 面接記録 評価コメント 評価内容
        評価メモ 面接官評価 人事コメント 人事所感 選考コメント 選考メモ 選考評価コメント 総評 Feedback
        InterviewNotes Scorecard""",
    Field.HISTORY: """職歴 職務経歴 職務経歴要約 職務要約 経歴 経歴要約 業務経験 経験 在籍企業 勤務先
        現在の勤務先 現職 現職企業 自己PR 志望動機 志望理由 Experience WorkHistory Summary CurrentCompany
        CurrentTitle""",
    Field.TAGS: "タグ ラベル 応募ラベル 候補者タグ Tag Tags Label Labels CandidateTags",
    Field.MEMO: """メモ メモ欄 備考 備考欄 コメント 特記事項 所感 候補者メモ 応募者メモ 補足 Memo Note Notes Comment
        Comments""",
}


_WEAK = """管理番号 管理ID ID 受付番号 連絡先 氏 名 名前漢字 媒体 媒体名 応募先 職種 ポジション 登録日 登録日時
    受付日 受付日時 RegisteredAt CreatedAt 状況 対応状況 名字 経路 終了日 決定日 判定日 Position Source"""


def header_key(header: str) -> str:
    """Give the form in which headers are compared: no marks, no 必須/任意, katakana, lower case."""
    return _MARKS.sub("", fold(_ASIDE.sub("", unicodedata.normalize("NFKC", header[:_MAX_LENGTH]))))


def columns(synonyms: Mapping[Field, str]) -> dict[str, Field]:
    """Give the field of each header, as a key."""
    return {header_key(word): kind for kind, words in synonyms.items() for word in words.split()}


COMMON = columns(_SYNONYMS)
WEAK = frozenset(map(header_key, _WEAK.split()))
"""Headers that may mean something else: they stand back where another column says the same more plainly."""
