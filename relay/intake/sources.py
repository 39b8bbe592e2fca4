"""The kinds of file Relay knows, told apart by their header row.

A source with signatures is recognised by any of them; `sheet` is any hand-kept table with a column of names.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from flask_babel import lazy_gettext as _l

from relay.intake.fields import Field
from relay.intake.synonyms import COMMON, columns, header_key
from relay.models import ApplicationResult
from relay.text import Sentence

_NAMES_OF_PEOPLE = frozenset({Field.NAME, Field.FAMILY})
_BRACKETED_END = re.compile(r"[(\[【<〈《「][^)\]】>〉》」]*[)\]】>〉》」]$")
_NUMBER = re.compile(r"[\s_(]*\d{1,2}\)?$")
_HONORIFIC = re.compile("^[ごお御]")
_MAX_LENGTH = 200


@dataclass(frozen=True, slots=True)
class ImportSource:
    """A kind of file: its name on the command line, its label, and how its headers read."""

    name: str
    label: Sentence
    signatures: tuple[frozenset[str], ...] = (frozenset(),)
    columns: Mapping[str, Field] = field(default_factory=lambda: COMMON)
    channel: str = ""
    results: Mapping[str, ApplicationResult] = field(default_factory=dict)
    """Words that mean something else here than elsewhere."""
    reason_is_result: bool = False
    """Whether whoever has a reason is no longer in selection, whatever the reason is called."""

    def field_of(self, header: str) -> Field | None:
        """Give what a column is taken as by its exact header, None when it says nothing to this source."""
        return self.columns.get(header_key(header))

    def field_loosely(self, header: str) -> Field | None:
        """Return the same for a header with something about it: 電話番号（日中）, 備考2, ご経歴."""
        plain = _BRACKETED_END.sub("", unicodedata.normalize("NFKC", header[:_MAX_LENGTH]).strip())
        unnumbered = _NUMBER.sub("", plain)
        forms = (plain, unnumbered, _HONORIFIC.sub("", unnumbered))
        return next((field for form in forms if (field := self.field_of(form))), None)

    def score(self, headers: Iterable[str]) -> int:
        """Say how well a row serves as this source's header; 0 when no column of names is there."""
        keys = {header_key(header) for header in headers} - {""}
        found = {self.columns[key] for key in keys if key in self.columns}
        return len(found) if found & _NAMES_OF_PEOPLE else 0

    def signs(self, headers: Iterable[str]) -> bool:
        """Return whether a row carries one of this source's signatures; a source without any takes every row."""
        keys = {header_key(header) for header in headers}
        return any(signature <= keys for signature in self.signatures)


def _signatures(*alternatives: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(header_key(word) for word in words.split()) for words in alternatives)


def _with(extra: Mapping[Field, str]) -> dict[str, Field]:
    return COMMON | columns(extra)


HERP = ImportSource(
    "herp",
    "HERP",
    _signatures("応募ID 応募時刻 名前 選考ステップ 選考終了理由", "応募時刻 名前 応募経路 選考ステップ 募集職種"),
)
HRMOS = ImportSource(
    "hrmos",
    "HRMOS",
    _signatures(
        "応募ID 求人ID 選考ステータス",
        "応募ID 求人ID 1次ステップ",
        "応募者ID 求人ID 選考ステータス",
        "応募ID 選考ポジション名 選考ステータス",
        "応募ID 求人名 応募日 選考ステータス 応募経路",
        "応募ID 選考ポジション 応募経路種別",
        "応募ID 求人ID 応募日 ステータス",
    ),
)
TALENTIO = ImportSource(
    "talentio",
    "Talentio",
    _signatures(
        "候補者ID チャネル ステージ",
        "候補者ID チャネル 職種 ステータス",
        "候補者ID 職種 選考ステージ",
        "氏名 チャネル 職種 ステージ ステータス",
        "id lastName firstName channelType",
        "id lastName firstName registeredAt status",
        "candidateId status channelType",
        "candidateId status requisition",
        "requisition channel stage status",
    ),
    columns=_with({Field.PERSON_ID: "ID"}),
    results={
        "reject": ApplicationResult.WITHDREW,
        "fail": ApplicationResult.REJECTED,
        "pass": ApplicationResult.HIRED,
        "passed": ApplicationResult.HIRED,
        "ongoing": ApplicationResult.OPEN,
        "pool": ApplicationResult.OPEN,
    },
)
JOBCAN = ImportSource(
    "jobcan",
    _l("ジョブカン採用管理"),
    _signatures(
        "候補者ID 候補者名 選考ステップ",
        "候補者ID 候補者名 選考状況",
        "候補者ID 求人タイトル 選考ステップ",
        "候補者ID 求人名 選考ステップ",
        "候補者ID 求人タイトル 応募媒体",
        "候補者ID 求人名 応募媒体",
        "応募者ID 求人タイトル 選考ステップ",
        "応募者ID 求人名 選考状況",
        "応募者ID 求人名 選考フェーズ",
        "応募者ID 求人タイトル 応募経路",
        "応募者ID 応募者名 選考ステップ",
        "応募者ID 選考フロー 応募経路",
        "候補者ID 選考フロー",
    ),
)
DODA = ImportSource(
    "doda", "doda", _signatures("姓漢字 名漢字 姓カナ 名カナ", "姓漢字 名漢字 求人名称"), channel="doda"
)
LEVER = ImportSource(
    "lever",
    "Lever",
    _signatures(
        "OpportunityID",
        "Origin ArchiveReason",
        "Origin ArchivedReason",
        "Posting ArchiveReason",
        "Posting Stage ArchivedReason",
        "Posting Stage Origin",
        "PostingTitle Stage Origin",
        "ContactName Posting",
    ),
    columns=_with({Field.CHANNEL_DETAIL: "Source", Field.CHANNEL: "Origin", Field.POSITION: "Posting PostingTitle"}),
    reason_is_result=True,
)
GREENHOUSE = ImportSource(
    "greenhouse",
    "Greenhouse",
    _signatures(
        "ApplicationID Job Stage",
        "ApplicationID JobName",
        "CandidateID ApplicationID",
        "FirstName LastName Job Status",
        "FirstName LastName JobName Status",
        "Candidate Job RejectionReason",
        "CandidateName JobName RejectionReason",
        "CandidateName Job Stage RejectionReason",
        "FirstName LastName RejectionReason",
        "FirstName LastName ProspectPool",
    ),
    reason_is_result=True,
)
SHEET = ImportSource("sheet", _l("一覧表"), columns=_with({Field.PERSON_ID: "ID 管理番号 管理ID 受付番号"}))

# Where two read a header equally well, the earlier one is right.
SOURCES = (HERP, HRMOS, TALENTIO, JOBCAN, DODA, LEVER, GREENHOUSE, SHEET)
FORMATS = tuple(source.name for source in SOURCES)


def label_of(name: str) -> Sentence:
    """Give the name people know a format by."""
    return next((source.label for source in SOURCES if source.name == name), name)
