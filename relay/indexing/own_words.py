"""A company's own words for work: kept, removed, and read by whatever compares people with positions.

Who is in the pool already is found by a word once the worker has rewritten the search rows.
"""

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.infra import jobs
from relay.models import Company, CompanyWord, EventTag, event_data, record
from relay.models.company_words import MAX_WORD
from relay.models.prepared import read
from relay.text import clean
from relay.text.job_terms import plain
from relay.text.own_words import OwnWords, is_about_work, is_known

MAX_WORDS = 200
"""Of one company: every text is searched for each of them."""
SHORTEST = 2
_WORDS = select(CompanyWord.word_key, CompanyWord.meaning)


class OwnWordRefused(DomainError):
    """Raise where a word cannot be kept; the message says why. Nothing has changed."""

    code = "own-word-refused"


def in_scope(session: Session) -> OwnWords:
    """Return the words of the company in scope, the longest first."""
    rows = read(session, _WORDS)
    return OwnWords(dict(sorted(((key, meaning) for key, meaning in rows), key=lambda row: (-len(row[0]), row[0]))))


_LISTED = select(CompanyWord).order_by(CompanyWord.word_key).limit(MAX_WORDS)


def listed(session: Session) -> list[CompanyWord]:
    """Return the words of the company in scope as the settings list them."""
    return list(session.scalars(_LISTED))


def add(session: Session, company_id: int, word: str, meaning: str, *, by_user_id: int | None) -> CompanyWord:
    """Keep what a word means; the same again changes nothing. Raises OwnWordRefused."""
    typed, means = clean(word), clean(meaning)
    key = plain(typed)
    session.execute(select(Company.id).where(Company.id == company_id).with_for_update())
    standing = session.scalars(select(CompanyWord).where(CompanyWord.word_key == key)).one_or_none()
    if standing is not None and plain(standing.meaning) == plain(means):
        return standing
    _refuse(session, typed, means, standing)
    made = CompanyWord(word=typed, word_key=key, meaning=means, created_at=clock.now(), by_user_id=by_user_id)
    session.add(made)
    session.flush()
    _changed(session, company_id, made.id, added=True)
    return made


def remove(session: Session, company_id: int, word_id: int) -> bool:
    """Forget a word; returns whether it was there."""
    found = session.scalars(select(CompanyWord).where(CompanyWord.id == word_id).with_for_update()).one_or_none()
    if found is None:
        return False
    session.delete(found)
    session.flush()
    _changed(session, company_id, word_id, added=False)
    return True


def _refuse(session: Session, word: str, meaning: str, standing: CompanyWord | None) -> None:
    if len(plain(word)) < SHORTEST or len(word) > MAX_WORD:
        raise OwnWordRefused(
            _l("言い方は、%(least)d文字から%(most)d文字までで入力してください。", least=SHORTEST, most=MAX_WORD)
        )
    if not is_about_work(word):
        raise OwnWordRefused(
            _l(
                "「%(word)s」は登録できません。句読点のない、仕事についての言葉を入力してください。何も変わっていません。",
                word=word,
            )
        )
    if len(meaning) > MAX_WORD or not is_known(meaning):
        raise OwnWordRefused(
            _l(
                "「%(meaning)s」は、職業の言葉の一覧にありません。職種名・資格名・仕事の内容で入力してください。"
                "何も変わっていません。",
                meaning=meaning[:MAX_WORD],
            )
        )
    if standing is not None:
        raise OwnWordRefused(
            _l(
                "「%(word)s」は、「%(meaning)s」の意味で登録されています。変更するときは、先に削除してください。",
                word=standing.word,
                meaning=standing.meaning,
            )
        )
    if (session.scalar(select(func.count()).select_from(CompanyWord)) or 0) >= MAX_WORDS:
        raise OwnWordRefused(
            _l("登録できるのは%(most)d語までです。使わない言葉を削除してから、追加してください。", most=MAX_WORDS)
        )


def _changed(session: Session, company_id: int, word_id: int, *, added: bool) -> None:
    data = event_data.CompanyWordChanged(added=added)
    about = ("company-word", word_id)
    record(session, EventTag.COMPANY_WORD_CHANGED, company_id=company_id, subject=about, data=data)
    key = f"search-words:own:{company_id}:{word_id}:{'added' if added else 'removed'}"
    jobs.enqueue(session, "search-words", key=key, company_id=company_id)
