"""The development mailbox: what was sent can be read, its links work there alone, and erasure reaches it."""

import re
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from flask import Flask

from relay import clock, create_app
from relay.config import load
from relay.mail import mailbox
from relay.mail.mailbox import MAX_MAILS, Mailbox
from relay.web import MAIL_CSP


@pytest.fixture
def box(app: Flask) -> Mailbox:
    """The mailbox of the application under test, empty."""
    made = Mailbox.of(app.config["RELAY"])
    for path in made.folder.glob("*"):
        path.unlink()
    return made


def letter(to: str = "hanako@mail.example", text: str = "本文です。", subject: str = "選考結果のご連絡") -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = "Acme <relay@localhost>", to, subject
    mail["Date"] = clock.now()
    mail.set_content(text)
    mail.add_alternative(f"<p>{text}</p><script>alert(1)</script>", subtype="html")
    return mail.as_bytes()


def test_an_empty_mailbox_says_so(app: Flask, box: Mailbox) -> None:
    page = app.test_client().get("/dev/mailbox")
    assert page.status_code == 200
    assert "まだメールはありません" in page.text


def test_the_newest_mail_stands_first(app: Flask, box: Mailbox) -> None:
    now = clock.now()
    for minutes, subject in ((0, "古いメール"), (1, "新しいメール")):
        with clock.at(now + timedelta(minutes=minutes)):
            box.keep(letter(subject=subject))
    text = app.test_client().get("/dev/mailbox").text
    assert text.index("新しいメール") < text.index("古いメール")


def test_the_text_has_links_that_work_and_nothing_typed_becomes_markup(app: Flask, box: Mailbox) -> None:
    url = f"http://127.0.0.1:8000/r/{'t' * 43}"
    box.keep(letter(text=f"<b>太字</b>\n{url}（60日まで）\n"))
    client = app.test_client()
    [path] = re.findall(r'href="(/dev/mailbox/[\w-]+)"', client.get("/dev/mailbox").text)
    page = client.get(path)
    assert f'<a href="{url}">{url}</a>（60日まで）' in page.text
    assert "&lt;b&gt;太字" in page.text
    assert "hanako@mail.example" in page.text
    title = re.search(r"<title>(.*?)</title>", page.text, re.DOTALL)
    assert title is not None
    assert "選考結果" not in title[1], "a subject may carry a name"


def test_the_html_is_framed_under_a_mails_own_policy(app: Flask, box: Mailbox) -> None:
    box.keep(letter())
    name = next(box.newest_first()).name
    client = app.test_client()
    assert f'src="/dev/mailbox/{name}/html"' in client.get(f"/dev/mailbox/{name}").text
    framed = client.get(f"/dev/mailbox/{name}/html")
    assert framed.headers["Content-Security-Policy"] == MAIL_CSP
    assert "sandbox" in MAIL_CSP


@pytest.mark.parametrize("name", ["nothing", "..", "../../hash-key", "%2e%2e%2fhash-key"])
def test_there_is_nothing_beside_the_mails(app: Flask, box: Mailbox, name: str) -> None:
    box.keep(letter())
    assert app.test_client().get(f"/dev/mailbox/{name}").status_code == 404
    assert app.test_client().get(f"/dev/mailbox/{name}/html").status_code == 404


def test_the_newest_two_hundred_are_kept(app: Flask, box: Mailbox) -> None:
    now = clock.now()
    for second in range(MAX_MAILS + 5):
        with clock.at(now + timedelta(seconds=second)):
            box.keep(b"To: a@b.example\r\n\r\n%d" % second)
    kept = [str(each.mail.get_payload()) for each in box.newest_first()]
    assert kept == [str(number) for number in range(MAX_MAILS + 4, 4, -1)]


def test_erasure_takes_a_persons_mails_out_and_no_others(app: Flask, box: Mailbox) -> None:
    for address in ("hanako@mail.example", "Hanako@MAIL.example", "taro@mail.example"):
        box.keep(letter(to=address))
    assert mailbox.forget_address("hanako@mail.example") == 2
    assert [str(each.mail["To"]) for each in box.newest_first()] == ["taro@mail.example"]
    assert mailbox.forget_address("") == 0


def test_production_has_no_mailbox(tmp_path_factory: pytest.TempPathFactory) -> None:
    values = {
        "RELAY_SECRET_KEY": "k" * 40,
        "RELAY_BASE_URL": "https://relay.example",
        "RELAY_MAIL_HOST": "mail.example",
        "RELAY_MAIL_SENDER": "relay@relay.example",
    }
    production = create_app(load(values, instance=tmp_path_factory.mktemp("production")))
    assert not [rule for rule in production.url_map.iter_rules() if rule.rule.startswith("/dev")]
