"""The operator's commands, on both databases: what each makes, prints and refuses."""

from dataclasses import replace

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.cli import main
from relay.identity import users
from relay.identity.passwords import check_password
from relay.models import (
    Company,
    Event,
    EventTag,
    Import,
    ImportState,
    MailTemplate,
    Message,
    Partner,
    Role,
    User,
    scopes,
)
from relay.network import partners

OWN = "ume no hana ga saku hi"
COMPANY = ["company", "create", "--name", "株式会社みどり工業", "--slug", "midori", "--admin", "aya@midori.example"]
PARTNER = ["partner", "create", "--name", "つむぎキャリア", "--slug", "tsumugi", "--kind", "agency"]
PARTNER += [
    "--agent",
    "desk@tsumugi.example",
    "--license",
    "１３－ユ－３１６８６４",
    "--address",
    "東京都",
    "--representative",
    "紬 花",
]
SCHOOL = [
    "partner",
    "create",
    "--name",
    "まなび学園",
    "--slug",
    "manabi",
    "--kind",
    "school",
    "--agent",
    "desk@manabi.example",
]
PARTNERSHIP = ["partnership", "create", "--company", "midori", "--partner", "tsumugi"]


@pytest.fixture(autouse=True)
def in_app(app: Flask) -> None:
    """Commands use the application that is open."""


def relay(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, list(words), input=typed)


def done(*words: str, typed: str = "") -> str:
    result = relay(*words, typed=typed)
    assert result.exit_code == 0, result.output
    return result.output


def refused(*words: str, typed: str = "") -> str:
    result = relay(*words, typed=typed)
    assert result.exit_code == 1, result.output
    assert len(result.stderr.strip().splitlines()) == 1, "one line says why"
    return result.stderr


def one(session: Session, email: str) -> User:
    return users.by_address(session, email)


def test_a_company_is_opened_with_its_administrator_and_its_templates(session: Session) -> None:
    said = done(*COMPANY, "--password-stdin", typed=f"{OWN}\n")
    company = session.scalars(select(Company)).one()
    admin = one(session, "aya@midori.example")
    assert (admin.role, admin.company_id) == (Role.ADMIN, company.id)
    assert check_password(admin.password_hash, OWN)
    assert OWN not in said
    assert "設定" in said, "says what is still to be entered"
    with scopes.company(session, company.id):
        assert session.scalars(select(MailTemplate)).first() is not None


def test_a_generated_password_is_printed_once_and_works(session: Session) -> None:
    said = done(*COMPANY)
    password = next(line for line in said.splitlines() if line.startswith("パスワード（")).split()[-1]
    assert check_password(one(session, "aya@midori.example").password_hash, password)


def test_a_refusal_keeps_nothing(session: Session) -> None:
    assert "15文字以上" in refused(*COMPANY, "--password-stdin", typed="short\n")
    assert session.scalars(select(Company)).all() == []
    done(*COMPANY)
    assert "すでに" in refused(*COMPANY)


def test_a_partner_registered_here_counts_as_checked(session: Session) -> None:
    done(*COMPANY)
    assert "足りません" not in done(*PARTNER)
    done(*PARTNERSHIP)
    partner = session.scalars(select(Partner)).one()
    assert (partner.license_number, partner.checked_by) == ("13-ユ-316864", "operator")
    assert partner.checked_on is not None
    assert one(session, "desk@tsumugi.example").role is Role.LEAD
    company = session.scalars(select(Company)).one()
    assert [card.name for card in partners.active_partners(session, company.id)] == ["つむぎキャリア"]


def test_the_operator_looks_a_partner_up_again_and_stops_it(session: Session) -> None:
    done(*COMPANY)
    done(*PARTNER)
    done(*PARTNERSHIP)
    company, partner = session.scalars(select(Company)).one(), session.scalars(select(Partner)).one()
    partners.describe_itself(session, partner, address="大阪府大阪市1-1")
    session.commit()
    assert partners.active_partners(session, company.id) == []
    for words, shown in ((("check",), 1), (("suspend",), 0), (("resume",), 1)):
        done("partner", *words, "tsumugi")
        assert len(partners.active_partners(session, company.id)) == shown, words
    assert "nobody" in refused("partner", "check", "nobody")


def test_what_a_partner_still_lacks_is_said() -> None:
    assert "住所、代表者の氏名" in done(*SCHOOL)


def test_an_agency_needs_a_licence_that_reads_like_one() -> None:
    without = [word for word in PARTNER if word not in {"--license", "１３－ユ－３１６８６４"}]
    assert "許可番号" in refused(*without)
    assert "許可番号" in refused(*without, "--license", "99-X-1")


def test_a_partnership_between_unknown_parties_is_refused() -> None:
    assert "midori" in refused(*PARTNERSHIP)
    done(*COMPANY)
    assert "tsumugi" in refused(*PARTNERSHIP)


def test_tying_twice_changes_nothing() -> None:
    done(*COMPANY)
    done(*PARTNER)
    assert done(*PARTNERSHIP) == done(*PARTNERSHIP)


def test_ending_a_partnership_takes_the_partner_off_the_page(session: Session) -> None:
    for words in (COMPANY, PARTNER, PARTNERSHIP):
        done(*words)
    done("partnership", "end", *PARTNERSHIP[2:])
    assert partners.active_partners(session, session.scalars(select(Company.id)).one()) == []


def test_users_of_a_company(session: Session) -> None:
    done(*COMPANY)
    create = ["user", "create", "--company", "midori", "--email", "rin@midori.example", "--name", "森 凛"]
    done(*create, "--role", "recruiter")
    assert "すでに" in refused(*create, "--role", "viewer")
    done("user", "role", "rin@midori.example", "viewer")
    done("user", "password", "rin@midori.example", "--password-stdin", typed=f"{OWN}\n")
    assert check_password(one(session, "rin@midori.example").password_hash, OWN)
    done("user", "disable", "rin@midori.example")
    lines = done("user", "list", "--company", "midori").splitlines()
    assert [line.split("\t")[0] for line in lines] == ["aya@midori.example", "rin@midori.example"]
    assert "停止中" in lines[1]


def test_whoever_is_disabled_hands_over_what_is_under_way(session: Session) -> None:
    done(*COMPANY)
    done("user", "create", "--company", "midori", "--email", "rin@midori.example", "--role", "recruiter")
    rin = one(session, "rin@midori.example")
    with scopes.company(session, rin.company_id or 0):
        session.add(Import(state=ImportState.PREVIEWED, format="csv", created_at=clock.now(), by_user_id=rin.id))
    session.commit()
    assert "引き継ぐ方" in refused("user", "disable", "rin@midori.example")
    said = done("user", "disable", "rin@midori.example", "--to", "aya@midori.example")
    assert "1件をaya@midori.exampleに引き継ぎました" in said
    assert one(session, "rin@midori.example").disabled_at is not None


def test_people_are_invited_by_mail(session: Session) -> None:
    done(*COMPANY)
    done(*PARTNER)
    done("user", "invite", "--company", "midori", "--email", "rin@midori.example", "--role", "viewer")
    done("user", "invite", "--partner", "tsumugi", "--email", "two@tsumugi.example")
    assert "すでに招待" in refused(
        "user", "invite", "--company", "midori", "--email", "RIN@midori.example", "--role", "viewer"
    )
    assert relay("user", "invite", "--company", "midori", "--email", "x@midori.example").exit_code == 2
    with scopes.everyone(session, "test: mails of any house"):
        letters = session.scalars(select(Message.letter).order_by(Message.id)).all()
    assert letters == ["invite-member", "invite-agent"]


@pytest.mark.parametrize("made", [COMPANY, PARTNER], ids=["company", "partner"])
def test_the_second_factor_is_required_of_whatever_is_made_here(session: Session, made: list[str]) -> None:
    done(*made)
    [site] = [*session.scalars(select(Company)), *session.scalars(select(Partner))]
    assert site.second_factor_required


@pytest.mark.parametrize("made", [COMPANY, PARTNER], ids=["company", "partner"])
def test_a_house_is_excused_from_the_second_factor_in_development_alone(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch, made: list[str]
) -> None:
    carried = {"mail_host": "smtp.house.example", "mail_sender": "relay@house.example"}
    settings = replace(app.config["RELAY"], env="production", **carried)
    with monkeypatch.context() as production:
        production.setitem(app.config, "RELAY", settings)
        said = refused(*made, "--no-second-factor")
    assert "RELAY_ENV=development" in said
    assert len(said.strip().splitlines()) == 1
    assert session.scalars(select(Company)).all() == session.scalars(select(Partner)).all() == []
    done(*made, "--no-second-factor")
    [site] = [*session.scalars(select(Company)), *session.scalars(select(Partner))]
    assert not site.second_factor_required


def test_a_lost_second_factor_is_taken_away(session: Session) -> None:
    done(*COMPANY)
    assert "未設定" in done("user", "second-factor", "aya@midori.example")
    assert "設定していません" in refused("user", "second-factor", "aya@midori.example", "--remove")
    one(session, "aya@midori.example").totp_secret = "sealed"
    session.commit()
    assert "設定済み" in done("user", "second-factor", "aya@midori.example")
    done("user", "second-factor", "aya@midori.example", "--remove")
    session.expire_all()
    assert one(session, "aya@midori.example").totp_secret == ""


def test_users_of_a_partner() -> None:
    done(*PARTNER)
    done("user", "create", "--partner", "tsumugi", "--email", "two@tsumugi.example")
    assert len(done("user", "list", "--partner", "tsumugi").splitlines()) == 2
    assert "\tlead\t" in done("user", "list", "--partner", "tsumugi").splitlines()[0]
    assert "\tagent\t" in done("user", "list", "--partner", "tsumugi").splitlines()[1]
    assert "agent" in refused("user", "create", "--partner", "tsumugi", "--email", "x@x.example", "--role", "admin")
    assert "最後の責任者" in refused("user", "role", "desk@tsumugi.example", "agent")
    assert "最後の責任者" in refused("user", "disable", "desk@tsumugi.example")
    done("user", "role", "two@tsumugi.example", "lead")
    done("user", "role", "desk@tsumugi.example", "agent")


@pytest.mark.parametrize("recorder", [["disable"], ["role", "viewer"], ["password"]])
def test_a_user_nobody_knows(recorder: list[str]) -> None:
    assert "いません" in refused("user", recorder[0], "nobody@midori.example", *recorder[1:])


def test_the_last_administrator_stays() -> None:
    done(*COMPANY)
    assert "最後の管理者" in refused("user", "disable", "aya@midori.example")


def test_the_log_says_that_the_command_line_acted(session: Session) -> None:
    done(*COMPANY)
    events = session.scalars(select(Event).order_by(Event.id)).all()
    assert {EventTag.COMPANY_CREATED, EventTag.USER_CREATED} <= {event.tag for event in events}
    assert {event.actor_kind for event in events} == {"cli"}
    assert "aya" not in repr([event.data for event in events])


def test_a_house_is_named_once() -> None:
    both = relay("user", "list", "--company", "a", "--partner", "b")
    neither = relay("user", "list")
    assert (both.exit_code, neither.exit_code) == (2, 2)
