"""`relay provisions`: the operator's register as a file for an inspector (29条)."""

import csv
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.cli import main
from relay.models import Event, EventTag
from relay.network import related_consents
from relay.rights.erasure import erase_candidates, erase_profile
from tests.cast import Cast, make_candidate, make_cast
from tests.db.network.build import mailed_link, register, the_profile
from tests.db.network.relating import agree, relate


@pytest.fixture
def cast(session: Session) -> Cast:
    """Hanako agreed to the agency and the school, Taro to the agency; Hanako was erased."""
    made = make_cast(session)
    register(session, mailed_link(session, made.acme, "hanako@mail.example"), made.tsumugi, made.manabi)
    taro = mailed_link(session, made.acme, "taro@mail.example", name="=田中 太郎")
    register(session, taro, made.tsumugi, name="=田中 太郎")
    erase_profile(session, the_profile(session, "hanako@mail.example").id)
    session.commit()
    return made


def written(file: Path, *options: str) -> tuple[Result, list[dict[str, str]]]:
    """What the command says, and the rows of its file."""
    said = CliRunner().invoke(main, ["provisions", str(file), *options])
    return said, list(csv.DictReader(file.read_text("utf-8-sig").splitlines())) if file.exists() else []


def test_every_provision_is_in_it_also_of_people_who_are_gone(
    app: Flask, session: Session, cast: Cast, tmp_path: Path
) -> None:
    said, rows = written(tmp_path / "all.csv")
    assert said.exit_code == 0 and said.output.startswith("3件の記録を")
    assert [row["本人の氏名"] for row in rows] == ["高橋 花子", "高橋 花子", "'=田中 太郎"]
    assert rows[0]["提供先の名称"] == cast.tsumugi.name and rows[0]["提供先の代表者"] == cast.tsumugi.representative
    assert stat.S_IMODE((tmp_path / "all.csv").stat().st_mode) == 0o600
    logged = session.scalars(select(Event).where(Event.tag == EventTag.PROVISIONS_WRITTEN_OUT.value)).one()
    assert logged.data == {"count": 3}


def test_it_can_be_narrowed_to_days_a_recipient_and_a_person(app: Flask, cast: Cast, tmp_path: Path) -> None:
    today = clock.today().isoformat()
    for name, options, count in (
        ("school", ["--partner", cast.manabi.slug], 1),
        ("person", ["--person", "=田中 太郎"], 1),
        ("today", ["--since", today, "--until", today], 3),
        ("before", ["--until", "2020-01-01"], 0),
    ):
        assert len(written(tmp_path / name, *options)[1]) == count, name


def test_what_a_company_told_a_related_company_is_in_it_also_of_people_who_are_gone(
    app: Flask, session: Session, cast: Cast, tmp_path: Path
) -> None:
    relate(session, cast.acme)
    person = make_candidate(session, cast.acme, "花岡 葉", email="hana@mail.example")
    (word,) = agree(session, person)
    related_consents.tell(session, cast.acme.id, person.id, word.id, cast.ada.id)
    erase_candidates(session, cast.acme.id, [person.id])
    session.commit()
    said, rows = written(tmp_path / "all.csv")
    assert said.output.startswith("4件の記録を")
    last = rows[-1]
    assert (last["種類"], last["本人の氏名"], last["きっかけの企業"]) == ("関連会社に伝えた", "花岡 葉", cast.acme.name)
    assert last["提供先の名称"] == "株式会社アクメ岡山" and last["提供先の代表者"] == "代表 次郎"
    assert "応募した求人と応募日" in last["項目"] and last["同意の日時"]
    assert "自社の求人をご本人に直接ご案内" in last["利用目的"]
    lines = csv.reader((tmp_path / "all.csv").read_text("utf-8-sig").splitlines())
    assert {len(line) for line in lines} == {12}, "no cell lacks"
    today = clock.today().isoformat()
    for name, options, count in (
        ("person", ["--person", "花岡 葉"], 1),
        ("today", ["--since", today, "--until", today], 4),
        ("school", ["--partner", cast.manabi.slug], 1),
        ("before", ["--until", "2020-01-01"], 0),
    ):
        assert len(written(tmp_path / name, *options)[1]) == count, name


def test_a_file_that_is_there_is_left_alone(app: Flask, cast: Cast, tmp_path: Path) -> None:
    there = tmp_path / "kept.csv"
    there.write_text("mine")
    said = CliRunner().invoke(main, ["provisions", str(there)])
    assert said.exit_code == 1 and "すでにあります" in said.output
    assert there.read_text() == "mine"
