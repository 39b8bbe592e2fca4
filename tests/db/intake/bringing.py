"""How these tests bring files in: read, put an import row beside them, apply, commit."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from relay import clock
from relay.candidates.files import store
from relay.intake.planning.plan import Answers
from relay.intake.rows.reader import read_rows
from relay.intake.rows.row import Reading
from relay.intake.uploads import arrival
from relay.intake.writing.applying import ImportReport, apply
from relay.models import Company, Import, ImportState, RetentionBasis, scopes

SAMPLES = Path(__file__).parents[2] / "samples"
HERP = (
    *("応募ID", "応募時刻", "名前", "メールアドレス", "電話番号", "応募経路", "応募経路詳細"),
    *("選考ステップ", "募集職種", "選考終了理由", "タグ", "メモ"),
)


def sample(name: str) -> bytes:
    """One of the applicant files kept with the tests."""
    return (SAMPLES / name).read_bytes()


def first_of(name: str, rows: int) -> bytes:
    """The head of such a file, and its first rows: as much as shows what all of them would."""
    return b"".join(sample(name).splitlines(keepends=True)[: 1 + rows])


def sheet(rows: Sequence[Mapping[str, str]]) -> bytes:
    """A hand-kept sheet with the columns the rows name."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return _csv(columns, rows)


def herp(*rows: Mapping[str, str]) -> bytes:
    """A HERP export with these rows, and further columns they name; what a row leaves out is empty."""
    return _csv(list(dict.fromkeys((*HERP, *(name for row in rows for name in row)))), rows)


def read(data: bytes) -> Reading:
    """The file as read today."""
    return read_rows(data, filename="file.csv", today=clock.today())


def bring(session: Session, company: Company, data: bytes, **answers: Any) -> ImportReport:
    """Apply a file to the company and commit; `stated` unless said otherwise."""
    reading = read(data)
    with scopes.company(session, company.id):
        row = Import(state=ImportState.PREVIEWED, format=reading.format, created_at=clock.now())
        session.add(row)
        session.flush()
        report = apply(
            session,
            company.id,
            reading,
            Answers(**{"basis": RetentionBasis.STATED} | answers),
            by_user_id=None,
            import_row=row,
        )
    session.commit()
    return report


def received(session: Session, company: Company, data: bytes, *, by_user_id: int | None = None) -> Import:
    """The file as it waits for answers after it was sent."""
    with scopes.company(session, company.id), store.nameless() as sent:
        sent.write(data)
        sent.flush()
        return arrival.receive(session, company.id, sent, by_user_id=by_user_id)


def on_the_disk() -> set[str]:
    """The names of everything that lies in the folder of uploads."""
    return {name for names in store.stored(however_young=True) for name in names}


def _csv(columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()
