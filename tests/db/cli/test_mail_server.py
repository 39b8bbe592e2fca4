"""`relay mail server`: the installation's mail server from the command line, and who is let in without one."""

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay.cli import main
from relay.identity import companies
from relay.infra import vault
from relay.mail import servers
from relay.models import Company, Partner, PartnerKind
from relay.network import partners
from tests.cast import make_company
from tests.smtp import SmtpServer, smtp_server

SENTENCE = "ログインのメールを、採用担当の方のサーバーで送らないためです"
FACTS = companies.CompanyDetails(
    name="株式会社あくま商会", address="長野県岡谷市1-2-3", representative="代表 太郎", contact="0266-00-0000"
)


@pytest.fixture(autouse=True)
def _without_a_mailbox(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """In production nothing carries a mail before a server is named."""
    monkeypatch.setitem(app.config, "RELAY", replace(app.config["RELAY"], env="production"))


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with smtp_server() as running:
        yield running


class Reading(io.RawIOBase):
    """Somebody who types the code once the mail with it has arrived."""

    def __init__(self, server: SmtpServer) -> None:
        super().__init__()
        self._server = server

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part = self._server.to("me@house.example")[0].get_body(("plain",))
        assert part is not None
        [code] = re.findall(r"^(\d{6})\r?$", part.get_content(), re.MULTILINE)
        buffer[:7] = f"{code}\n".encode()
        return 7


def relay(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, ["mail", "server", *words], input=typed)


def name_it(server: SmtpServer) -> Result:
    return relay(
        "set", "--host", server.host, "--port", str(server.port), "--tls", "none", "--sender", "relay@house.example"
    )


def let_in_a_company(session: Session) -> None:
    companies.create_company(session, "akuma", FACTS)


def let_in_a_partner(session: Session) -> None:
    partners.create_partner(session, slug="musubi", kind=PartnerKind.SCHOOL, name="学校法人むすび")


@pytest.mark.parametrize("let_in", [let_in_a_company, let_in_a_partner])
def test_without_it_nobody_further_is_let_in_and_with_it_they_are(
    session: Session, server: SmtpServer, let_in: Callable[[Session], None]
) -> None:
    make_company(session, "acme", runs_installation=True)
    session.commit()
    with pytest.raises(servers.NoInstallationServer, match=SENTENCE):
        let_in(session)
    session.rollback()
    assert [session.scalar(select(func.count(table.id))) for table in (Company, Partner)] == [1, 0]
    session.rollback()

    assert name_it(server).exit_code == 0
    let_in(session)
    session.commit()


def test_the_first_company_needs_none(session: Session) -> None:
    """It is set up by whoever has the machine, and names the server afterwards."""
    let_in_a_company(session)
    session.commit()


def test_a_code_that_was_read_shows_that_it_arrives(session: Session, server: SmtpServer) -> None:
    assert "relay mail server test" in name_it(server).output
    assert "まだ確認していません" in relay("show").output
    wrong = relay("test", "--to", "you@house.example", typed="letters\n")
    assert wrong.exit_code == 1
    assert "数字が違います" in wrong.output
    assert "まだ確認していません" in relay("show").output

    whoever_reads_it = io.BufferedReader(Reading(server))
    done = CliRunner().invoke(main, ["mail", "server", "test", "--to", "me@house.example"], input=whoever_reads_it)
    assert done.exit_code == 0, done.output
    assert "届くことを確認してあります" in relay("show").output


def test_its_password_is_typed_kept_sealed_and_never_shown(session: Session) -> None:
    words = ("set", "--host", "smtp.house.example", "--username", "relay@house.example", "--sender", "r@house.example")
    done = relay(*words, "--password-stdin", typed="himitsu no kotoba\n")
    assert done.exit_code == 0, done.output
    shown = relay("show").output
    assert "smtp.house.example:587" in shown
    assert "himitsu" not in done.output + shown
    row = servers.of_installation(session)
    assert row is not None
    assert "himitsu" not in row.password
    assert vault.unseal(row.password) == "himitsu no kotoba"


def test_it_stays_while_another_company_depends_on_it(session: Session, server: SmtpServer) -> None:
    make_company(session, "acme", runs_installation=True)
    session.commit()
    name_it(server)
    assert relay("remove").exit_code == 0
    name_it(server)
    let_in_a_company(session)
    session.commit()
    refused = relay("remove")
    assert refused.exit_code == 1
    assert "使っているため、削除していません" in refused.output
    assert servers.of_installation(session) is not None


def test_there_is_nothing_to_confirm_before_one_is_named(session: Session) -> None:
    assert relay("confirm").exit_code != 0
    assert "relay mail server set" in relay("show").output
