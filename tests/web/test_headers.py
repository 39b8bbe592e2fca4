"""Headers on every response, CSRF on every act, limits on what is sent (E-9, E-10, E-14, E-19)."""

from pathlib import Path

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from sqlalchemy import delete
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from relay import create_app
from relay.extensions import db
from relay.models import RateCount, TokenPurpose
from relay.web import CSP, FILE_CSP, MAIL_CSP
from tests.cast import browse
from tests.conftest import ON_ONE, make_settings
from tests.web.test_guards import _build, acme_rows, path_of, routes
from tests.web.world import World

MAIL_DOCUMENTS = {
    "portal.result_draft_document",
    "portal.message_document",
    "portal.template_document",
    "portal.template_sample",
    "dev.mailbox_html",
}
"""Mails shown in a frame, with styles in place and a policy of their own; no other answer may have it."""
FILES = {"portal.record_file"}
"""People's files, which are only ever saved: nothing in them may run."""
CACHED = {"landing.receipt_public_keys": "public, max-age=3600"}
"""What others may keep: it is public, and says nothing of anybody."""
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}
SURFACES = ("portal", "agency", "landing", "account", "feeds", "health")


def check(answer: TestResponse, endpoint: str) -> None:
    own = dict.fromkeys(MAIL_DOCUMENTS, MAIL_CSP) | dict.fromkeys(FILES, FILE_CSP)
    policy = own.get(endpoint, CSP) if answer.status_code == 200 else CSP
    assert answer.headers["Content-Security-Policy"] == policy, endpoint
    always = ALWAYS | ({"Cache-Control": CACHED[endpoint]} if endpoint in CACHED else {})
    assert {name: answer.headers.get(name) for name in always} == always, endpoint
    assert "camera=()" in answer.headers["Permissions-Policy"], endpoint


def signed_in(app: Flask, world: World) -> dict[str, FlaskClient]:
    return {"portal": browse(app, world.cast.adam), "agency": browse(app, world.cast.agnes)}


def test_every_page_says_what_browsers_may_do(app: Flask, session: Session, world: World) -> None:
    clients, anyone = signed_in(app, world), app.test_client()
    for surface in SURFACES:
        for rule, method in routes(app, surface):
            if method == "GET":
                if surface == "landing":
                    values = {"token": world.tokens[TokenPurpose.RELAY], "slug": world.cast.acme.slug, "link": "closed"}
                    path = _build(app, rule, values)
                else:
                    path = path_of(app, rule, world)
                check(clients.get(surface, anyone).get(path), rule.endpoint)


@ON_ONE
def test_every_refusal_says_it_too(app: Flask, session: Session, world: World) -> None:
    anyone, vic = app.test_client(), browse(app, world.cast.vic)
    for answer, code in [
        (anyone.get("/nowhere"), 404),
        (anyone.get("/pool"), 302),
        (anyone.delete("/login"), 405),
        (vic.get("/settings/company"), 403),
        (vic.get("/pool/999999"), 404),
        (anyone.get("/r/nothing"), 404),
    ]:
        assert answer.status_code == code
        check(answer, "")


def test_the_policy_lets_nothing_inline_through() -> None:
    assert "unsafe" not in CSP
    assert "nonce" not in CSP
    assert CSP.startswith("default-src 'none'")
    for part in ("frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'", "object-src 'none'"):
        assert part in CSP
    assert "script-src" not in MAIL_CSP
    assert MAIL_CSP.startswith("default-src 'none'")
    assert "sandbox" in MAIL_CSP


def test_https_is_asked_for_where_it_is_used(tmp_path: Path) -> None:
    app = create_app(make_settings(tmp_path, base_url="https://relay.example"))
    with app.app_context():
        secure = app.test_client().get("/healthz", base_url="https://relay.example")
        plain = app.test_client().get("/healthz", base_url="http://127.0.0.1:8000")
        db.engine.dispose()
    assert "max-age=31536000" in secure.headers["Strict-Transport-Security"]
    assert "includeSubDomains" in secure.headers["Strict-Transport-Security"]
    assert "Strict-Transport-Security" not in plain.headers


@pytest.mark.parametrize(
    ("host", "code"),
    [("relay.example", 200), ("relay.example:443", 200), ("127.0.0.1:8000", 200), ("evil.example", 400)],
)
def test_only_our_own_host_is_answered(tmp_path: Path, host: str, code: int) -> None:
    """C-21: nothing is made of a Host header that somebody chose."""
    app = create_app(make_settings(tmp_path, base_url="https://relay.example"))
    with app.app_context():
        answer = app.test_client().get("/healthz", headers={"Host": host})
        assert app.test_client().post("/login", headers={"Host": host}).status_code == 400
        db.engine.dispose()
    assert answer.status_code == code
    check(answer, "")


def test_what_breaks_after_the_view_is_logged_without_path_and_values(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(make_settings(tmp_path))

    @app.after_request
    def break_down(_response: Response) -> Response:
        raise ValueError("hanako@mail.example")

    with app.app_context():
        assert app.test_client().get("/healthz?q=hanako").status_code == 500
        assert app.test_client().get("/r/a-secret-token").status_code == 500
        db.engine.dispose()
    assert "ValueError" in caplog.text
    assert "hanako" not in caplog.text
    assert "secret" not in caplog.text


@ON_ONE
def test_no_act_without_its_csrf_token(app: Flask, session: Session, world: World) -> None:
    clients = signed_in(app, world)
    app.config["WTF_CSRF_ENABLED"] = True
    before = acme_rows(session, world)
    for surface in ("portal", "account"):
        for rule, method in routes(app, surface):
            if method != "GET":
                path = path_of(app, rule, world)
                for form in (world.form(), world.form() | {"csrf_token": "made up"}):
                    answer = clients["portal"].open(path, method=method, data=form)
                    assert answer.status_code == 400, f"{method} {path}"
    assert acme_rows(session, world) == before


@ON_ONE
def test_no_act_of_a_candidate_without_the_value_of_their_page(app: Flask, session: Session, world: World) -> None:
    before, client = acme_rows(session, world), app.test_client()
    own = {
        "/r/": TokenPurpose.RELAY,
        "/me/": TokenPurpose.OWN_PAGE,
        "/pin/": TokenPurpose.CHOOSE_PIN,
        "/u/": TokenPurpose.UNSUBSCRIBE,
    }
    for rule, method in routes(app, "landing"):
        if method != "GET":
            purpose = next(
                (kind for start, kind in own.items() if rule.rule.startswith(start)), TokenPurpose.CONFIRM_ADDRESS
            )
            path = _build(app, rule, {"token": world.tokens[purpose], "slug": world.cast.acme.slug})
            forget_counts(session)
            for form in ({}, {"link_csrf": "made up"}, {"csrf_token": "made up", "decline": "1"}):
                assert client.post(path, data=form).status_code == 400, f"{method} {path}"
    assert acme_rows(session, world) == before


@ON_ONE
def test_only_unsubscribing_takes_the_one_click(app: Flask, session: Session, world: World) -> None:
    """RFC 8058: mail programs hold no CSRF value; nothing else opens to them."""
    client = app.test_client()
    for rule, method in routes(app, "landing"):
        if method != "GET" and rule.endpoint != "landing.unsubscribe_post":
            forget_counts(session)
            path = _build(app, rule, {"token": world.tokens[TokenPurpose.RELAY], "slug": world.cast.acme.slug})
            assert client.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 400, path


@ON_ONE
def test_a_form_that_is_too_large_is_refused(app: Flask, session: Session, world: World) -> None:
    clients = signed_in(app, world)
    answer = clients["portal"].post("/settings/company", data={"name": "長" * 4_000_000})
    assert answer.status_code == 413
    assert "大きすぎます" in answer.text
    many = {f"x{number}": "1" for number in range(5000)}
    sent = clients["portal"].post("/settings/company", data=many, content_type="multipart/form-data")
    assert sent.status_code == 413


def test_static_files_are_kept_by_their_content_and_set_no_cookie(app: Flask) -> None:
    answer = app.test_client().get("/static/css/base.css")
    assert answer.status_code == 200
    assert answer.headers["Content-Security-Policy"] == CSP
    assert "Set-Cookie" not in answer.headers


def test_a_head_is_answered_like_a_get_and_changes_nothing(app: Flask, session: Session, world: World) -> None:
    before = acme_rows(session, world)
    client = app.test_client()
    for token in world.tokens.values():
        for start in ("/r/", "/me/", "/confirm/", "/u/"):
            assert client.head(f"{start}{token}").status_code in {200, 302, 303, 404, 410}
    after = acme_rows(session, world)
    assert [name for name in after if after[name] != before[name]] == []


def forget_counts(session: Session) -> None:
    """So many posts behind one link are held back otherwise (E-23)."""
    session.execute(delete(RateCount))
    session.commit()
