"""How the code is written: scopes lifted only where it is listed, one commit per act, one clock, Japanese sentences."""

import ast
import re
from io import BytesIO

import pytest
from babel.messages.extract import extract

from relay.config import ROOT
from tests.conventions.conftest import nodes, read, sources
from tests.conventions.test_tables import MODELS
from tests.conventions.test_templates import JAPANESE, is_japanese

EVERYONE = {
    "relay/identity/second_factor.py": "login: spends a code of whoever just proved their password",
    "relay/identity/security_letters.py": "login: mail about a login belongs to its company or to none",
    "relay/mail/server_letters.py": "a changed server of the installation is told to every administrator",
    "relay/identity/invitations.py": "token look-up: whose invitation a link opens is not known before",
    "relay/identity/invitation_letters.py": "token look-up and worker: invitations of a company, or of a partner",
    "relay/identity/sessions.py": "login: the session says whose it is",
    "relay/identity/sign_in.py": "login: an address signs in once in the installation, so its company is not known yet",
    "relay/identity/users.py": "login and command line: whether an address already signs in anywhere",
    "relay/mail/delivery.py": "worker: claims the next mail due, then enters its company",
    "relay/mail/allowance.py": "how many mails an address got in a year, whoever sent them; nothing but numbers",
    "relay/mail/bounces.py": "command line: the mail that a report is about, then enters its company",
    "relay/mail/final_state.py": "worker: a mail that belongs to no company",
    "relay/infra/leases.py": "worker: prolongs the lease of the row it holds",
    "relay/mail/practice.py": "worker: removes what was practised a month ago, of any company",
    "relay/candidates/duplicates/jobs.py": "worker: which companies have people to compare, then enters each",
    "relay/bulk/bulk_jobs.py": "worker: in which companies somebody waits for the rules",
    "relay/insight/lookout.py": "worker: in which companies somebody waits for the alerts",
    "relay/insight/learning.py": "worker: which companies have outcomes to learn from, then enters each",
    "relay/network/ratings.py": "worker: answers of every company; own page: by whose link somebody registered",
    "relay/insight/month_report.py": "worker: which companies have administrators, who are told once a month",
    "relay/account/report_off.py": "token look-up: the member whose mail a link came in",
    "relay/insight/digests.py": "worker: in which companies somebody follows an alert",
    "relay/account/alerts_off.py": "token look-up: the member whose mail a link came in",
    "relay/worker/upkeep.py": "worker: removes unapplied files of any company",
    "relay/rights/erasure.py": "command line and worker: one person may be known to several companies",
    "relay/network/confirmations.py": "worker: registered people asked about their profile belong to no company",
    "relay/network/new_address.py": "mails that prove an address belong to no company",
    "relay/network/renewals.py": "worker: registered people whose last consent is about to end belong to no company",
    "relay/trust/related_provisions.py": "command line: the operator's register names what every company told",
    "relay/trust/provision_registers.py": "command line: the operator's register names recipients of every company",
    "relay/rights/own_copy.py": "own page: what the person told companies, and mails that belong to none",
    "relay/rights/asking.py": "which companies know an address that was typed; mails that belong to none",
    "relay/rights/retention.py": "worker: asks which companies have someone past their date, then enters each",
    "relay/connect/keys.py": "token look-up: whose an API key is is not known before",
    "relay/connect/webhooks/sending.py": "worker: the next webhook due, of any company; then enters its company",
    "relay/kpis/feeds.py": "token look-up: whose counts the address of a feed opens is not known before",
    "relay/network/consents.py": "token look-up: whose profile a link belongs to",
    "relay/mail/outbox.py": "worker: mails to staff a year after they were queued, of any company and of none",
    "relay/connect/herp/reading.py": "worker: which companies are connected with HERP",
    "relay/kpis/month_counts.py": "worker: which companies are too large to be counted by a page",
    "relay/network/outcome_totals.py": "worker: what became of people of every company, once a day",
    "relay/network/outcome_consents.py": "own page: which companies the person let read what became of them",
    "relay/network/outcomes.py": "which companies the person let read that a course was finished",
    "relay/network/figures.py": "worker: the totals of every company, once a day",
    "relay/network/referrals.py": "worker: networks of referrals older than a day, of any company",
    "relay/network/links.py": "mails with links that were asked for belong to no company's screen",
    "relay/network/company_links.py": "mails on no company's screen, and links that ran out, of any company",
    "relay/network/matching.py": "worker: registrations that wait, and their people",
    "relay/network/mailboxes.py": "worker, once: referrals of any company from before mailboxes were counted",
    "relay/network/partners.py": "own page: the ties behind the person's own consents",
    "relay/network/company_mailboxes.py": "worker: the mail addresses of every company, whose mailboxes learn nothing",
    "relay/network/morning.py": "worker: agents of every partner, and what came to them through any company",
    "relay/account/morning_off.py": "token look-up: the agent whose mail a link came in",
    "relay/network/licences.py": "worker: the companies tied to a partner whose licence runs out",
    "relay/network/sharing.py": "whether the operator reads mail at an address that a company uses too",
    "relay/network/partner_letters.py": "mails on no company's screen, and the staff of both sides of a tie",
    "relay/network/partner_people.py": "worker: what partners kept about people whose shares are over",
    "relay/network/related_consents.py": "own page: what the person told companies about their related companies",
    "relay/network/next_openings.py": "own page: which companies the person told that they may write",
    "relay/network/letters.py": "mails that belong to no company's screen",
    "relay/network/mistaken.py": "worker: referrals that count again; which link of a company somebody agreed by",
    "relay/network/own_acts.py": "mails that belong to no company's screen",
    "relay/network/own_pages.py": "whether an address that was typed, or erased, is registered; for the worker",
    "relay/network/pins.py": "token look-up: the number of an address; worker: registrations without one",
    "relay/network/pending.py": "token look-up: mails that belong to no company's screen",
    "relay/network/profiles.py": "one profile per proven address; retention: people whose last consent ended",
    "relay/introductions/jobs.py": "worker: requests whose day is over, of any company",
    "relay/introductions/letters.py": "letters to a partner about a request are on no company's screen",
    "relay/introductions/promises.py": "promises not kept are counted for a partner, whoever introduced",
    "relay/introductions/second_press.py": "token look-up: whose introduction a used link led to is not known before",
    "relay/introductions/links.py": "token look-up: whose introduction a link opens is not known before",
    "relay/demo/removal.py": "command line: takes the whole demo away",
    "relay/cli/doctor/checks.py": "command line: whether mail, secrets and licences of every company are well",
    "relay/cli/doctor/alarm.py": "command line: who answers for the installation",
    "relay/cli/secrets.py": "command line: what is sealed, of every company and login",
    "relay/cli/restore.py": "command line: which companies' mail was under way when a backup was made",
}
"""Where the scope is lifted, and why it must be; capability functions ask within a scope."""
USES_CORE_SQL = {
    "relay/extensions.py": "opens each transaction",
    "relay/health/__init__.py": "asks whether the database answers",
    "relay/migrations/sqlite.py": "walks the schema",
    "relay/models/journal.py": "images of rows of any table; its isolation: tests/db/bulk/test_undo.py",
    "relay/candidates/duplicates/blocking.py": "writes keys; its isolation: tests/db/candidates/test_duplicates.py",
    "relay/candidates/duplicates/moving.py": "reads constraints; its isolation: tests/db/candidates/test_merging.py",
    "relay/bulk/undo.py": "puts rows of any table back; its isolation: tests/db/bulk/test_undo.py",
    "relay/models/events.py": "the condition of a partial index",
    "relay/models/ledger.py": "conditions of partial indexes",
    "relay/models/consents.py": "conditions of partial indexes",
    "relay/models/feeds.py": "the condition of a partial index",
    "relay/models/webhooks.py": "the condition of a partial index",
    "relay/models/related.py": "conditions of partial indexes",
    "relay/models/alerts.py": "conditions of partial indexes",
    "relay/models/candidates.py": "conditions of partial indexes",
    "relay/models/costs.py": "the condition of a partial index",
    "relay/models/hiring.py": "conditions of partial indexes",
    "relay/models/holds.py": "the condition of a partial index",
    "relay/models/interviews.py": "conditions of partial indexes",
    "relay/models/introductions.py": "conditions of partial indexes",
    "relay/models/partners.py": "the condition of a partial index",
    "relay/models/partner_records.py": "conditions of partial indexes",
    "relay/models/partner_people.py": "the condition of a partial index",
    "relay/models/outcomes.py": "the condition of a partial index",
    "relay/models/outbox.py": "conditions of partial indexes",
    "relay/models/data_requests.py": "conditions of partial indexes",
    "relay/models/privacy.py": "the condition of a partial index",
    "relay/models/triggers.py": "makes triggers",
    "relay/search/candidate_search.py": "the pool list; its isolation: tests/db/search/test_search_isolation.py",
    "relay/models/prepared.py": "runs what the ORM compiled with the scope in it: tests/db/test_prepared.py",
    "relay/network/finding.py": "people of a partner by words; its isolation: tests/db/network/test_finding.py",
    "relay/search/orders.py": "columns of the pool list; its isolation: tests/db/search/test_search_isolation.py",
    "relay/search/folding.py": "names a form of the function by which texts are compared",
    "relay/search/narrowing.py": "conditions of a search: tests/db/search/test_search_isolation.py",
    "relay/search/facets.py": "counts over a search; their isolation: tests/db/search/test_search_isolation.py",
    "relay/intake/writing/new_rows.py": "rows of an import in bulk, each names its company: tests/db/intake",
    "relay/intake/writing/writer.py": "an import in bulk; its isolation: tests/db/intake",
    "relay/models/inserting.py": "many rows as the driver takes them; every row names its company",
    "relay/indexing/search_rows.py": "rows of new people in bulk, and when FTS5 merges its parts",
    "relay/rights/erasure.py": "reads column kinds from the tables, to know what empty means",
    "relay/rights/jobs.py": "compacts the search index",
    "relay/demo/removal.py": "takes the whole demo away",
    "relay/worker/upkeep.py": "refreshes SQLite's statistics",
    "relay/cli/backup/rows.py": "copies whole tables, whatever their revision",
    "relay/cli/backup/targets.py": "puts one database in the place of another",
    "relay/migrations/__init__.py": "asks which revision the database is at",
}
"""Where tables or SQL are used that the scopes cannot see."""
CAPABILITIES = ("identity", "trust", "pool", "selection", "intake", "network", "outreach", "insight", "models")
COMMITS = {
    "relay/connect/webhooks/sending.py": "the worker: claims, commits, calls, marks, commits",
    "relay/rights/jobs.py": "a job of the worker: one commit per company",
    "relay/intake/uploads/arrival.py": "a file has its place before it is read, and no transaction is held while it is",
    "relay/intake/writing/found_later.py": "a portion of people is found, and others write before the next",
    "relay/intake/uploads/later.py": "the worker moves the progress on while it reads, before anything is written",
    "relay/connect/herp/reading.py": "a job of the worker: one commit per page, and none is held while HERP is asked",
    "relay/kpis/month_counts.py": "a job of the worker: counting ends before anything is written",
    "relay/network/figures.py": "a job of the worker: counting ends before anything is written",
    "relay/hiring/interview_reminders.py": "a job of the worker: one commit per company and 200 interviews",
    "relay/introductions/jobs.py": "a job of the worker: one commit per request",
    "relay/network/confirmations.py": "a job of the worker: one commit per 500 people who are asked",
    "relay/network/renewals.py": "a job of the worker: one commit per 500 people who are written to",
    "relay/network/morning.py": "a job of the worker: one commit per 500 agents",
    "relay/network/matching.py": "a job of the worker: one commit per portion of the registrations that wait",
    "relay/network/mailboxes.py": "a job of the worker: one commit per portion of the referrals it looks at",
    "relay/network/pins.py": "a job of the worker: one commit per portion of the people who are asked for a number",
    "relay/bulk/bulk_jobs.py": "jobs of the worker: one commit per portion of an act on very many people",
    "relay/candidates/duplicates/jobs.py": "a job of the worker: one commit per thousand people",
    "relay/insight/lookout.py": "a job of the worker: one commit per portion of the people the alerts look at",
    "relay/insight/month_report.py": "a job of the worker: one commit per company",
    "relay/insight/digests.py": "a job of the worker: one commit per company",
    "relay/insight/learning.py": "a job of the worker: one commit per company",
}
SENTENCES_IN_CODE = {
    "relay/config.py": "refusals at the start, before there is an application that could translate",
    "relay/cli/": "the operator's words: help texts, and what the machine is told",
    "relay/demo/": "the invented company, its people and their words",
    "relay/text/": "tables of characters and words that are looked for",
    "relay/intake/": "headings and values that files carry",
    "relay/connect/herp/candidacies.py": "headings and values that files carry",
    "relay/insight/costs/file_words.py": "headings and values that files carry",
    "relay/search/asked.py": "words and units that are looked for in a search",
    "relay/search/completion.py": "signs that a keyboard writes",
    "relay/outreach/standard.py": "a company's first templates, which become its own text",
    "relay/rights/privacy_draft.py": "a company's first privacy text, which becomes its own text",
    "relay/outreach/placeholders.py": "the names between the braces of a template",
    "relay/identity/common_passwords.py": "passwords that many people choose",
    "relay/outreach/templates.py": "stages whose names are looked for",
    "relay/portal/pool/search_examples.py": "what may be typed in the search box",
    "relay/portal/templates/index.py": "the beginning of a template, which becomes the company's own text",
    "relay/portal/ui/labels.py": "patterns of dates",
    "relay/models/": "reasons of law beside the tables, for engineers",
}


def calls(tree: ast.Module, name: str) -> list[ast.Call]:
    """Calls of a function or method by its last name."""
    return [node for node in nodes(tree) if isinstance(node, ast.Call) and last_name(node.func) == name]


def last_name(node: ast.expr) -> str:
    """The name itself, or the last part of a dotted one."""
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def errors() -> dict[str, ast.ClassDef]:
    """Every class below DomainError by its name."""
    classes = [node for tree in sources().values() for node in nodes(tree) if isinstance(node, ast.ClassDef)]
    found: dict[str, ast.ClassDef] = {}
    while more := [
        each
        for each in classes
        if each.name not in found and {last_name(base) for base in each.bases} & ({"DomainError"} | found.keys())
    ]:
        found |= {each.name: each for each in more}
    return found


def declared(node: ast.ClassDef, name: str) -> ast.expr | None:
    """The value that the body of a class gives to a name."""
    for each in node.body:
        if isinstance(each, ast.Assign) and [last_name(target) for target in each.targets] == [name]:
            return each.value
    return None


def test_the_scope_is_lifted_only_where_it_is_listed() -> None:
    lifting = {path for path, tree in sources().items() if calls(tree, "everyone") and path != "relay/models/scopes.py"}
    assert lifting == set(EVERYONE), "enter a scope instead, or list the file here with its reason"


def test_each_time_it_says_why() -> None:
    for path in EVERYONE:
        for call in calls(sources()[path], "everyone"):
            assert len(call.args) == 2, f"{path}:{call.lineno}"


def test_scoped_rows_are_not_fetched_past_the_guard() -> None:
    """Session.get reads the identity map, which knows no scope."""
    models = {model.__name__ for model in MODELS.values()}
    for path, tree in sources().items():
        for call in calls(tree, "get") + calls(tree, "get_or_404") + calls(tree, "get_one"):
            first = call.args[0] if call.args else None
            assert not (isinstance(first, ast.Name) and first.id in models), f"{path}:{call.lineno}: select() instead"


def test_tables_and_sql_are_used_only_in_named_modules() -> None:
    pattern = re.compile(r"\.__table__\b|\bexec_driver_sql\(|\.connection\(\)|\bfrom_statement\(")
    using = {path for path in sources() if pattern.search(read(path)) or _imports_text(sources()[path])}
    assert using <= set(USES_CORE_SQL), f"{sorted(using - set(USES_CORE_SQL))}: the scopes do not see these"
    assert set(USES_CORE_SQL) <= using, f"{sorted(set(USES_CORE_SQL) - using)} no longer need to be listed"


def test_capabilities_never_commit() -> None:
    for path, tree in sources().items():
        if path.startswith(tuple(f"relay/{account_page}" for account_page in CAPABILITIES)) and path not in COMMITS:
            assert not calls(tree, "commit") + calls(tree, "go_on"), f"{path}: the view or command commits, once"


def test_a_class_name_is_declared_once() -> None:
    """Else an `except`, a search and a stack trace may mean another class. WTForms asks for the name `Meta`."""
    declared: dict[str, list[str]] = {}
    for path, tree in sources().items():
        for node in nodes(tree):
            if isinstance(node, ast.ClassDef) and node.name != "Meta":
                declared.setdefault(node.name, []).append(f"{path}:{node.lineno}")
    twice = {name: places for name, places in declared.items() if len(places) > 1}
    assert twice == {}, "give the newer one a name that tells what it is, in the words of the glossary"


def test_every_error_declares_its_own_code() -> None:
    """Programs tell errors apart by it: it is written in the class, not made of its name, which may change."""
    codes: dict[str, list[str]] = {}
    for name, error in errors().items():
        code = declared(error, "code")
        assert isinstance(code, ast.Constant), f'{name}: declare code = "…"'
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", str(code.value)), f"{name}: small letters and hyphens"
        codes.setdefault(str(code.value), []).append(name)
    assert {code: names for code, names in codes.items() if len(names) > 1} == {}, "a code means one error"


def test_every_error_has_a_sentence() -> None:
    """A class without `message` and `__init__`, its own or inherited, is raised with a sentence; the base never is."""
    known = errors()
    silent = {"DomainError"} | {name for name in known if not _speaks(name, known)}
    for path, tree in sources().items():
        for node in nodes(tree):
            if isinstance(node, ast.Raise) and node.exc is not None:
                raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
                given = isinstance(node.exc, ast.Call) and node.exc.args and last_name(raised) != "DomainError"
                assert given or last_name(raised) not in silent, f"{path}:{node.lineno}: say what cannot be done"


def test_there_is_one_clock() -> None:
    asking = {
        path
        for path in sources()
        if re.search(r"\b(datetime\.(now|utcnow|today)|date\.today|time\.time)\(", read(path)) and "clock" not in path
    }
    assert asking == set(), "ask relay.clock, so that a test can stand at any moment"


def test_one_parser_reads_the_numbers_that_surfaces_are_sent() -> None:
    """A text of digits may still be thousands long, at which `int` raises: relay.text.whole_number looks first."""
    surfaces = ("account", "agency", "dev", "health", "landing", "portal")
    by_hand = {
        name: line
        for name in sources()
        if name.split("/")[1] in surfaces
        for line in read(name).splitlines()
        if re.search(r"\.is(decimal|digit|numeric)\(|\bint\(request\b", line)
    }
    assert by_hand == {}


def test_every_file_for_a_spreadsheet_is_written_behind_the_one_guard() -> None:
    """The demo's is no file that leaves: it is for what a company brings, and so is what HERP's answers become."""
    writing = {name for name in sources() if re.search(r"\bcsv\.(w|DictW)riter\(|\bxlsxwriter\b", read(name))}
    assert writing == {"relay/text/spreadsheet.py", "relay/demo/year.py", "relay/connect/herp/candidacies.py"}


def test_only_htmx_flask_reads_and_writes_the_headers_of_htmx() -> None:
    """Views ask `htmx_flask.request.htmx`; by name stand only what an answer varies by, and an address cut short."""
    named = {line.strip() for name in sources() for line in read(name).splitlines() if re.search(r"(?i)\bhx[-_]", line)}
    assert named == {'response.vary.add("HX-Request")', 'for name in ("Location", "HX-Redirect"):'}


@pytest.mark.parametrize("path", sources())
def test_message_ids_are_japanese(path: str) -> None:
    simple, plural = ("_", "_l", "gettext", "lazy_gettext"), ("ngettext", "lazy_ngettext")
    keywords = dict.fromkeys(simple) | dict.fromkeys(plural, (1, 2))
    for line, message, _comments, _context in extract("python", BytesIO((ROOT / path).read_bytes()), keywords=keywords):
        for sentence in message if isinstance(message, tuple) else (message,):
            assert is_japanese(str(sentence)), f"{path}:{line}: {sentence}"


@pytest.mark.parametrize("path", [path for path in sources() if not path.startswith(tuple(SENTENCES_IN_CODE))])
def test_sentences_for_people_go_through_gettext(path: str) -> None:
    tree = sources()[path]
    inside = {id(part) for call in nodes(tree) if _translates_or_matches(call) for part in ast.walk(call)}
    inside |= {id(node.value) for node in nodes(tree) if isinstance(node, ast.Expr)}
    for node in nodes(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            assert not JAPANESE.search(node.value), f"{path}:{node.lineno}: {node.value[:40]}"


def _speaks(name: str, known: dict[str, ast.ClassDef]) -> bool:
    error = known[name]
    by_itself = any(isinstance(each, ast.FunctionDef) and each.name == "__init__" for each in error.body)
    bases = (last_name(base) for base in error.bases)
    return by_itself or declared(error, "message") is not None or any(_speaks(b, known) for b in bases if b in known)


def _translates_or_matches(node: ast.AST) -> bool:
    names = {"_", "_l", "gettext", "ngettext", "lazy_gettext", "lazy_ngettext", "compile"}
    return isinstance(node, ast.Call) and (getattr(node.func, "id", "") or getattr(node.func, "attr", "")) in names


def _imports_text(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("sqlalchemy")
        and any(name.name in {"text", "table", "literal_column"} for name in node.names)
        for node in nodes(tree)
    )


DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
RIDDLES = re.compile(r"^(What|Whether|Who|Whom|Whose)\b|\b(whoever|somebody|anew|stands)\b", re.I)
"""Beginnings that leave the mechanism out, and words read twice by anybody whose first language is another."""


def test_a_docstring_says_what_a_thing_does_in_plain_words() -> None:
    """A function returns, shows, selects, raises …; a class or module is named by a noun."""
    unclear = [
        f"{path}: {found[0]!r} in {text.splitlines()[0]!r}"
        for path, tree in sources().items()
        for node in nodes(tree)
        if isinstance(node, DOCUMENTED) and (text := ast.get_docstring(node))
        if (found := RIDDLES.search(text))
    ]
    assert unclear == []
