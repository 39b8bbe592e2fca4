"""Files on a record: taken after a look, served as a download that runs nothing, each opening logged (E-18)."""

import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.candidates import files
from relay.models import Attachment, Candidate, Event, EventTag, scopes
from tests import papers
from tests.cast import Cast, make_candidate

PAPER = papers.pdf("月次決算")


@pytest.fixture(autouse=True)
def folder(app: Flask) -> Iterator[Path]:
    folder = app.config["RELAY"].instance / "uploads"
    yield folder
    for path in folder.rglob("*"):
        if path.is_file():
            path.unlink()


def sent(*named: tuple[str, bytes]) -> dict[str, object]:
    return {"file": [(BytesIO(content), name) for name, content in named]}


def kept(session: Session, cast: Cast) -> list[Attachment]:
    with scopes.company(session, cast.acme.id):
        return list(session.scalars(select(Attachment).order_by(Attachment.id)))


def test_a_dropped_file_is_on_the_record_and_comes_back_as_it_was(
    session: Session, cast: Cast, ada: FlaskClient, vic: FlaskClient, hanako: Candidate
) -> None:
    saved = ada.post(f"/pool/{hanako.id}/files", data=sent(("../履歴書（花子）.pdf", PAPER)))
    assert (saved.status_code, saved.location) == (303, f"/pool/{hanako.id}#files")
    (file,) = kept(session, cast)
    page = vic.get(f"/pool/{hanako.id}").text
    assert "履歴書（花子）.pdf" in page
    assert "書類を保存しました" in page
    assert "履歴書・職務経歴書など" not in page, "who only reads is offered no field"
    opened = vic.get(f"/pool/{hanako.id}/files/{file.id}")
    assert opened.data == PAPER
    assert opened.headers["Content-Type"] == "application/pdf"
    disposition = opened.headers["Content-Disposition"]
    assert disposition.startswith("attachment; filename")
    assert "filename*=UTF-8''%E5%B1%A5%E6%AD%B4%E6%9B%B8" in disposition
    assert opened.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in opened.headers["Content-Security-Policy"]
    assert opened.headers["Cache-Control"] == "no-store"


def test_what_is_being_sent_goes_to_the_disk_of_the_installation(app: Flask, folder: Path) -> None:
    """Neither into memory nor to /tmp, which other programs of the machine share."""
    with app.test_request_context("/pool/import", method="POST", data=sent(("a.csv", b"x"))):
        lies = os.readlink(f"/proc/self/fd/{request.files['file'].stream.fileno()}")
    assert lies.startswith(f"{folder}/")


def test_each_opening_is_logged_with_who_it_was(
    session: Session, cast: Cast, ada: FlaskClient, vic: FlaskClient, hanako: Candidate
) -> None:
    ada.post(f"/pool/{hanako.id}/files", data=sent(("a.pdf", PAPER)))
    (file,) = kept(session, cast)
    for browser in (ada, vic, vic):
        browser.get(f"/pool/{hanako.id}/files/{file.id}")
    opened = select(Event.actor_id, Event.data).where(Event.tag == EventTag.FILE_OPENED.value).order_by(Event.id)
    assert [tuple(row) for row in session.execute(opened)] == [
        (who, {"file_id": file.id, "kind": "pdf"}) for who in (cast.ada.id, cast.vic.id, cast.vic.id)
    ]
    log = ada.get(f"/pool/{hanako.id}?show=log").text
    assert log.count("書類を開きました") == 3


def test_of_several_files_the_good_ones_are_kept_and_the_others_named(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate
) -> None:
    answer = ada.post(
        f"/pool/{hanako.id}/files",
        data=sent(("良い.pdf", PAPER), ("偽物.pdf", papers.HTML), ("爆弾.docx", papers.bomb()), ("x.html", b"<p>")),
    )
    assert answer.status_code == 422
    assert [file.name for file in kept(session, cast)] == ["良い.pdf"]
    for words in ("書類を1件保存しました", "「偽物.pdf」は保存していません", "「爆弾.docx」", "「x.html」"):
        assert words in answer.text


def test_no_file_is_said_so(ada: FlaskClient, hanako: Candidate) -> None:
    for data in ({}, {"file": (BytesIO(b""), "")}):
        answer = ada.post(f"/pool/{hanako.id}/files", data=data, content_type="multipart/form-data")
        assert answer.status_code == 422
        assert "ファイルが選ばれていません" in answer.text


def test_ten_megabytes_pass_and_no_more(session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate) -> None:
    most = b"%PDF-" + b"x" * ((10 << 20) - 5)
    assert ada.post(f"/pool/{hanako.id}/files", data=sent(("a.pdf", most))).status_code == 303
    over = ada.post(f"/pool/{hanako.id}/files", data=sent(("b.pdf", most + b"x")))
    assert over.status_code == 422
    assert "10MBを超えています" in over.text
    assert ada.post(f"/pool/{hanako.id}/notes", data={"body": "x" * (11 << 20)}).status_code == 413
    assert len(kept(session, cast)) == 1


def test_a_file_is_deleted_for_good(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate, folder: Path
) -> None:
    ada.post(f"/pool/{hanako.id}/files", data=sent(("a.pdf", PAPER)))
    path = f"/pool/{hanako.id}/files/{kept(session, cast)[0].id}"
    assert ada.post(f"{path}/removal").status_code == 303
    assert kept(session, cast) == []
    assert [path for path in folder.rglob("*") if path.is_file()] == []
    assert ada.get(path).status_code == 404
    assert "書類を削除しました" in ada.get(f"/pool/{hanako.id}").text


def test_a_file_opens_only_under_its_own_person(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate, stranger: Candidate
) -> None:
    other = make_candidate(session, cast.acme, "別の 方", email="o@mail.example")
    with scopes.company(session, cast.other.id):
        theirs = files.keep(session, stranger, "a.pdf", BytesIO(PAPER), by_user_id=None)
    session.commit()
    ada.post(f"/pool/{hanako.id}/files", data=sent(("a.pdf", PAPER)))
    (file,) = kept(session, cast)
    for path in (f"{other.id}/files/{file.id}", f"{hanako.id}/files/{theirs.id}", f"{stranger.id}/files/{theirs.id}"):
        assert ada.get(f"/pool/{path}").status_code == 404
        assert ada.post(f"/pool/{path}/removal").status_code == 404


def test_a_viewer_adds_and_deletes_nothing(
    session: Session, cast: Cast, ada: FlaskClient, vic: FlaskClient, hanako: Candidate
) -> None:
    ada.post(f"/pool/{hanako.id}/files", data=sent(("a.pdf", PAPER)))
    (file,) = kept(session, cast)
    assert vic.post(f"/pool/{hanako.id}/files", data=sent(("b.pdf", PAPER))).status_code == 403
    assert vic.post(f"/pool/{hanako.id}/files/{file.id}/removal").status_code == 403
