"""設定 → 連携 → 使い方: each step is true. What it quotes is on its page, and what it shows to send is answered."""

import html
import json
import re
import shlex
import subprocess
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.cli import imports
from relay.connect import keys
from relay.connect.keys import KeyOwner
from relay.connect.webhooks import endpoints, messages
from relay.indexing import search_rows
from relay.models import ApiScope, MailServer, WebhookType, scopes
from relay.portal.settings import guide_script
from relay.portal.settings.guide_words import GUIDES, MAKE, ServiceGuide
from relay.rights.requests import ErasureReason, erase_on_request
from tests.cast import Cast, browse, make_application, make_candidate, make_position
from tests.programs import found

HOME = "/settings/connections/guides"
EACH = pytest.mark.parametrize("guide", GUIDES.values(), ids=list(GUIDES))
READING = [ApiScope.READ_PEOPLE]
"""All that the guides ask a key to be made for."""


Reading = Callable[[str], Any]


@pytest.fixture
def adam(app: Flask, cast: Cast) -> FlaskClient:
    return browse(app, cast.adam)


@pytest.fixture
def reading(app: Flask, session: Session, cast: Cast) -> Reading:
    """Read an address as a guide says to, by a key that may do what it says, and return the JSON."""
    owner = KeyOwner(company_id=cast.acme.id)
    key = keys.make(session, owner, "表", READING, by_user_id=cast.adam.id, expires_on=None, live=False)
    session.commit()

    def read(url: str) -> Any:
        base = app.config["RELAY"].base_url
        assert url.startswith(base)
        answer = app.test_client(use_cookies=False).get(
            url.removeprefix(base), headers={"Authorization": f"Bearer {key}"}
        )
        assert answer.status_code == 200, url
        return answer.json

    return read


def shown(adam: FlaskClient, guide: ServiceGuide) -> str:
    answer = adam.get(HOME, query_string={"service": guide.key})
    assert answer.status_code == 200
    return html.unescape(answer.text)


def value(page: str, label: str) -> list[str]:
    return re.findall(rf"<dt>{re.escape(label)}</dt><dd><code[^>]*>([^<]*)</code>", page)


@EACH
def test_a_guide_is_short_and_fetches_nothing_from_elsewhere(adam: FlaskClient, guide: ServiceGuide) -> None:
    page = shown(adam, guide)
    assert 5 <= len(guide.steps) <= 8
    assert page.count('<p class="measure">') == len(guide.steps)
    assert not re.findall(r'(?:src|href)="https?://', page)
    assert f"service={guide.key}" in adam.get("/settings/connections").text


@EACH
@pytest.mark.usefixtures("hanako")
def test_words_that_a_step_quotes_are_on_the_page_it_leads_to(
    app: Flask, adam: FlaskClient, session: Session, cast: Cast, guide: ServiceGuide
) -> None:
    """The buttons of an address for webhooks are a page further."""
    hook = endpoints.add(session, cast.acme.id, "https://hook.example/in", ["credit.earned"]).endpoint
    session.commit()
    for step in guide.steps:
        if step.goes_to is None:
            continue
        with app.test_request_context():
            path = app.url_for(step.goes_to.endpoint, **step.goes_to.values)
        behind = adam.get(path)
        assert behind.status_code == 200, path
        text = html.unescape(behind.text)
        if path == "/settings/webhooks":
            text += adam.get(f"/settings/webhooks/{hook.id}").text
        for quoted in re.findall("「([^」]+)」", str(step.does)):
            assert quoted in text, f"{path}: {quoted}"


def test_nothing_is_shown_of_a_service_that_nobody_described(adam: FlaskClient) -> None:
    assert adam.get(HOME).status_code == 200
    assert adam.get(HOME, query_string={"service": "nobody"}).status_code == 404


def test_whoever_may_not_change_settings_reads_no_guide(app: Flask, cast: Cast) -> None:
    assert browse(app, cast.ada).get(HOME).status_code == 403


# Zapier and Slack


def test_the_values_to_filter_by_are_those_that_are_sent(adam: FlaskClient) -> None:
    page = shown(adam, GUIDES["zapier"])
    for kind in endpoints.CHOICES:
        assert value(page, str(kind.label)) == [kind.value]
    assert value(page, "type") == [WebhookType.TEST.value]


def test_a_test_says_that_it_is_one_and_nothing_sent_has_a_text_for_slack(session: Session, cast: Cast) -> None:
    hook = endpoints.add(session, cast.acme.id, "https://hook.example/in", ["credit.earned"]).endpoint
    sent = json.loads(messages.send_test(session, hook).body)
    assert sent["type"] == "webhook.test"
    assert sent.keys() == {"type", "timestamp", "data"}, "no `text`, which Slack's own webhooks want"


def test_an_application_is_read_by_the_number_of_a_message(
    adam: FlaskClient, session: Session, cast: Cast, reading: Reading
) -> None:
    one = make_application(session, make_candidate(session, cast.acme, "見本 一"), None)
    session.commit()
    [url] = value(shown(adam, GUIDES["zapier"]), "URL")
    assert url.endswith("/applications/（応募の番号）")
    assert reading(url.replace("（応募の番号）", str(one.id)))["id"] == str(one.id)


# Make


def test_the_address_for_make_lists_the_newest_first(
    adam: FlaskClient, session: Session, cast: Cast, reading: Reading
) -> None:
    made = [make_application(session, make_candidate(session, cast.acme, f"見本 {n}"), None).id for n in range(3)]
    session.commit()
    page = shown(adam, MAKE)
    assert value(page, "Method") == ["GET"]
    assert value(page, "Headers: Authorization") == ["Bearer （作成したAPIキー）"]
    [url] = value(page, "URL")
    assert [each["id"] for each in reading(url)["data"]][:3] == [str(each) for each in reversed(made)]
    more = reading(url.replace("limit=50", "limit=2"))
    rest = reading(f"{url.replace('limit=50', 'limit=2')}&cursor={more['next_cursor']}")
    assert rest["data"][0]["id"] == str(made[0])


# Googleスプレッドシート

GOOGLE = """
const pages = JSON.parse(process.argv[1]), written = [], asked = [];
const PropertiesService = { getScriptProperties: () => ({ getProperty: (name) => `key of ${name}` }) };
const UrlFetchApp = { fetch: (url, { headers }) => {
  asked.push([url, headers.Authorization]);
  if (!(url in pages)) throw new Error(url);
  return { getContentText: () => JSON.stringify(pages[url]) };
} };
const sheet = {
  clearContents: () => { written.length = 0; },
  getRange: (row, column, height, width) => ({ setValues: (cells) => {
    if (cells.length !== height || cells.some((line) => line.length !== width)) throw new Error("size");
    written.push(...cells);
  } }),
};
const book = { getSheetByName: () => null, insertSheet: (name) => { written.push(name); return sheet; } };
const SpreadsheetApp = { getActiveSpreadsheet: () => book };
"""


def by_google(program: str, pages: dict[str, object]) -> tuple[list[list[str]], list[list[str]]]:
    """Run the program with what Apps Script gives it; the rows that it wrote, and what it asked with which key."""
    script = f"{GOOGLE}{program}{guide_script.FUNCTION}(); console.log(JSON.stringify([written, asked]));"
    done = subprocess.run(
        [found("node"), "-e", script, json.dumps(pages)], capture_output=True, text=True, check=True, timeout=60
    )
    cells, asked = json.loads(done.stdout)
    return cells, asked


def test_the_program_writes_every_application_by_the_pages_of_the_list(
    adam: FlaskClient, session: Session, cast: Cast, reading: Reading
) -> None:
    """It goes by next_cursor to the end; names of people are in no cell, and no cell is a formula."""
    position = make_position(session, cast.acme, "=HYPERLINK(1)")
    for number in range(3):
        person = make_candidate(session, cast.acme, f"見本 {number}", email=f"mihon{number}@example.com")
        make_application(session, person, position)
    session.commit()
    page = shown(adam, GUIDES["sheets"])
    assert value(page, "プロパティ") == [guide_script.KEY_PROPERTY]
    [program] = re.findall(r'<textarea[^>]* id="program"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    [api] = re.findall(r'^const API = "([^"]+)";', program, re.MULTILINE)
    answers: dict[str, object] = {}
    for path in ("/positions", "/applications"):
        url = f"{api}{path}?limit=200"
        while url:
            answer = reading(url.replace("limit=200", "limit=2"))
            answers[url] = answer
            after = answer["next_cursor"]
            url = f"{api}{path}?limit=200&cursor={after}" if after else ""
    [heading, *lines], asked = by_google(program, answers)
    assert [url for url, _key in asked] == list(answers)
    assert {key for _url, key in asked} == {f"Bearer key of {guide_script.KEY_PROPERTY}"}
    assert heading[:2] == ["応募の番号", "求人"]
    listed = reading(f"{api}/applications?limit=200")["data"]
    assert isinstance(listed, list)
    assert [line[0] for line in lines] == ["'" + each["id"] for each in listed]
    assert lines[0][1] == "'=HYPERLINK(1)"
    assert "見本" not in json.dumps(lines, ensure_ascii=False)
    assert all(cell == "" or cell.startswith("'") for line in lines for cell in line)


def test_an_application_of_an_erased_person_is_listed_no_more(
    adam: FlaskClient, session: Session, cast: Cast, reading: Reading
) -> None:
    person = make_candidate(session, cast.acme, "見本 一")
    make_application(session, person)
    session.commit()
    [url] = value(shown(adam, MAKE), "URL")
    assert len(reading(url)["data"]) == 1
    with scopes.company(session, cast.acme.id):
        erase_on_request(session, cast.acme.id, person.id, reason=ErasureReason.OTHER, asked_on=None)
    session.commit()
    assert reading(url)["data"] == []


def test_a_list_that_is_not_read_clears_no_sheet(adam: FlaskClient) -> None:
    """It throws at the first answer that is none, before it writes."""
    program = guide_script.program("https://relay.example/api/v1")
    assert program.index('readAll("/applications")') < program.index("clearContents")
    with pytest.raises(subprocess.CalledProcessError):
        by_google(program, {})


# HubSpot


def test_a_file_of_hubspots_is_read(adam: FlaskClient, session: Session, cast: Cast) -> None:
    file = "レコードID,名,姓,Eメール,電話番号\n1,遥,水野,haruka.mizuno@only-hubspot.example,09011112222\n"
    answer = adam.post(
        "/pool/import", data={"file": (BytesIO(file.encode()), "contacts.csv")}, content_type="multipart/form-data"
    )
    assert answer.status_code == 303, answer.text
    assert "水野" in adam.get(answer.location, follow_redirects=True).text


def test_the_list_for_hubspot_has_the_newest_first(
    adam: FlaskClient, session: Session, cast: Cast, reading: Reading
) -> None:
    people = [make_candidate(session, cast.acme, f"見本 {number}") for number in range(2)]
    with scopes.company(session, cast.acme.id):
        search_rows.index(session, [each.id for each in people])
    session.commit()
    [url] = value(shown(adam, GUIDES["hubspot"]), "URL")
    assert [each["name"] for each in reading(url)["data"]] == ["見本 1", "見本 0"]


def test_the_command_is_one_that_relay_knows(adam: FlaskClient, cast: Cast, tmp_path: Path) -> None:
    [command] = value(shown(adam, GUIDES["hubspot"]), "コマンド")
    relay, act, *options = shlex.split(command.replace("（フォルダー）", str(tmp_path)))
    assert (relay, act) == ("relay", "import")
    asked = imports.command.make_context(act, options).params
    assert asked["slug"] == cast.acme.slug
    assert str(asked["folder"]) == str(tmp_path)


# SendGrid


def test_the_form_has_the_values_for_sendgrid_and_takes_the_others(
    adam: FlaskClient, session: Session, cast: Cast
) -> None:
    page = shown(adam, GUIDES["sendgrid"])
    values = {label: value(page, label) for label in ("送信サーバーの名前", "ポート番号", "暗号化", "ユーザー名")}
    assert values == {
        "送信サーバーの名前": ["smtp.sendgrid.net"],
        "ポート番号": ["587"],
        "暗号化": ["STARTTLS"],
        "ユーザー名": ["apikey"],
    }
    form = adam.get("/settings/mail/server?recipe=sendgrid").text
    assert 'value="smtp.sendgrid.net"' in form
    assert 'value="587"' in form
    assert "保存する" in form
    typed = {"host": "smtp.sendgrid.net", "port": "587", "tls": "starttls", "username": "apikey"}
    answer = adam.post("/settings/mail/server", data=typed | {"password": "SG.x", "sender": "saiyo@acme.example"})
    assert answer.status_code in {302, 303}
    session.rollback()
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(MailServer)).one().username == "apikey"
