"""Every surface has its guard, every view behind one names its permission, every path reads alike."""

import re

from flask import Flask

from relay.access import guards
from relay.access.markers import GuardPage

GUARDS = {
    "portal": guards.members_only,
    "agency": guards.agencies_only,
    "landing": guards.link_holders,
    "account": guards.open_to_all,
    "api": guards.key_holders,
    "api_docs": guards.open_to_all,
    "feeds": guards.feed_readers,
    "token_link": guards.invited,
    "my_account": guards.account_holders,
    "health": guards.open_to_all,
    "dev": guards.open_to_all,
}
SHOWN_ONLY = {
    "portal.template_preview": "shows what is being typed; keeps nothing",
    "portal.view_save": "the browser remembers how the list looks; nothing is kept here",
}
"""Views that are posted to because of what they are sent, and change nothing."""
SAFE = {"GET", "HEAD", "OPTIONS"}
SEGMENT = re.compile(r"\.well-known|[a-z0-9]+(-[a-z0-9]+)*(\.(json|csv))?|<(?:int:)?[a-z][a-z_]*>")


def views(app: Flask, *surfaces: str) -> list[tuple[str, str, set[str]]]:
    """(endpoint, rule, methods) of the views of these surfaces."""
    return [
        (rule.endpoint, rule.rule, set(rule.methods or ()))
        for rule in app.url_map.iter_rules()
        if rule.endpoint.split(".")[0] in surfaces
    ]


def permission_of(app: Flask, endpoint: str) -> str | None:
    return getattr(app.view_functions[endpoint], "relay_permission", None)


def marked(app: Flask, mark: str) -> set[str]:
    return {endpoint for endpoint, view in app.view_functions.items() if getattr(view, mark, False)}


def test_every_surface_has_the_guard_that_is_written_here(organisation: Flask) -> None:
    found = {name: getattr(surface, "relay_guard", None) for name, surface in organisation.blueprints.items()}
    assert found == GUARDS, "a new surface says here who may enter it"


def test_nothing_is_served_outside_a_surface_but_static_files(organisation: Flask) -> None:
    outside = [rule.endpoint for rule in organisation.url_map.iter_rules() if "." not in rule.endpoint]
    assert outside == ["static"]


def test_the_mailbox_is_not_there_in_production(organisation: Flask) -> None:
    assert views(organisation, "dev")
    assert all(rule.startswith("/dev") for _endpoint, rule, _methods in views(organisation, "dev"))


def test_every_view_behind_a_guard_names_its_permission(organisation: Flask) -> None:
    nameless = [
        endpoint
        for endpoint, _rule, _methods in views(organisation, "portal", "agency", "my_account")
        if not permission_of(organisation, endpoint)
    ]
    assert not nameless, f"add @needs('…') below the route of {nameless}"


def test_what_changes_something_needs_more_than_reading(organisation: Flask) -> None:
    too_easy = [
        endpoint
        for endpoint, _rule, methods in views(organisation, "portal")
        if not methods <= SAFE
        and (permission_of(organisation, endpoint) or "").endswith(":read")
        and endpoint not in SHOWN_ONLY
    ]
    assert not too_easy, f"{too_easy} write, but need only a permission to read"


def test_one_view_does_not_both_read_and_write(organisation: Flask) -> None:
    both = [
        endpoint
        for endpoint, _rule, methods in views(organisation, *GUARDS)
        if methods & SAFE - {"OPTIONS"} and not methods <= SAFE
    ]
    assert not both, f"{both}: a page and its act are two views, each with its permission"


def test_every_page_that_guards_lead_to_is_declared_by_one_view(organisation: Flask) -> None:
    declared = {
        view.relay_guard_page: endpoint
        for endpoint, view in organisation.view_functions.items()
        if hasattr(view, "relay_guard_page")
    }
    assert declared == {
        GuardPage.LOGIN: "account.login",
        GuardPage.NOTICE: "my_account.notice",
        GuardPage.SECOND_FACTOR: "my_account.second_factor",
        GuardPage.PROOF: "my_account.proof",
    }


def test_only_ones_own_login_is_open_before_the_notice_and_the_second_factor(organisation: Flask) -> None:
    assert marked(organisation, "relay_before_notice") == {
        "my_account.notice",
        "my_account.notice_post",
        "my_account.proof",
        "my_account.proof_post",
        "my_account.second_factor",
        "my_account.second_factor_codes",
        "my_account.second_factor_confirm",
        "my_account.second_factor_remove",
        "my_account.second_factor_start",
        "my_account.session_end",
        "my_account.session_keep",
        "my_account.session_left",
        "my_account.sessions_end_others",
    }


def test_only_the_proof_itself_does_not_wait_for_a_login(organisation: Flask) -> None:
    assert marked(organisation, "relay_never_deferred") == {"my_account.proof_post"}


def test_only_what_open_pages_ask_for_by_themselves_is_polled(organisation: Flask) -> None:
    assert marked(organisation, "relay_polled") == {"my_account.session_left", "portal.results_queue"}


def test_partners_only_read(organisation: Flask) -> None:
    assert [rule for _endpoint, rule, methods in views(organisation, "agency") if not methods <= SAFE] == []


def test_only_a_partners_record_page_and_its_program_write_while_reading(organisation: Flask) -> None:
    writing = marked(organisation, "relay_writes")
    assert {endpoint.split(".")[0] for endpoint in writing - {"api.partner_person"}} <= {"agency"}, writing


def test_paths_are_kebab_case_and_take_named_parts(organisation: Flask) -> None:
    for rule in organisation.url_map.iter_rules():
        if rule.endpoint != "static":
            parts = [part for part in rule.rule.split("/") if part]
            assert all(SEGMENT.fullmatch(part) for part in parts), rule.rule


IDS_OF_OTHER_SYSTEMS = {"api.candidate_told"}
"""Where a path holds what another system calls a person; it shares the path of our own ids, and its name with them."""


def test_ids_in_paths_are_numbers_codes_or_tokens(organisation: Flask) -> None:
    for rule in organisation.url_map.iter_rules():
        if rule.endpoint in IDS_OF_OTHER_SYSTEMS:
            continue
        for argument in rule.arguments - {"filename"}:
            wanted = "int" if argument.endswith("_id") else "default"
            assert type(rule._converters[argument]).__name__ == ("RowId" if wanted == "int" else "UnicodeConverter")
