"""Whose request and whose rows: a tenant is never missing, the guard names it, and a verb says which one it is for."""

import ast
import re

from tests.conventions.conftest import nodes, sources
from tests.conventions.test_code import calls, last_name

TENANT_IDS = {"company_id", "partner_id", "profile_id"}
BEHIND_GUARDS = ("relay/portal/", "relay/agency/", "relay/account/", "relay/organisation.py")
VERBS = re.compile(r"relay/(identity|trust|network|outreach|rights|mail)/")
"""Rooms that are also reached from a person's link, at a login and by the worker, where no company is in scope."""
OWN_ROOMS = tuple(
    f"relay/{room}/" for room in ("indexing", "candidates", "hiring", "record", "search", "bulk", "intake")
)
"""Rooms of a company's own records: without its scope in force they answer nothing, whatever id they are given."""
DOORS = {
    "relay/candidates/files/words.py": "a job of the worker",
    "relay/candidates/duplicates/jobs.py": "a job of the worker",
    "relay/bulk/bulk_jobs.py": "jobs of the worker",
    "relay/hiring/interview_reminders.py": "a job of the worker",
    "relay/intake/uploads/arrival.py": "a job of the worker",
    "relay/intake/uploads/later.py": "a job of the worker",
    "relay/intake/uploads/whole.py": "a file is read and applied by a command, outside any scope",
    "relay/intake/writing/found_later.py": "a job of the worker",
    "relay/intake/uploads/preview.py": "what a file would do is counted in a transaction that only reads",
    "relay/intake/writing/applying.py": "a file is applied by a page, a job and a command, which let go of theirs",
}
"""Where the rooms of a company's own records enter its scope."""
ENTERS_ITSELF = {
    "relay/portal/pool/export.py": "a file leaves after the request, in a session of its own",
    "relay/portal/settings/incident_people.py": "the file leaves after the request, in a session of its own",
    "relay/agency/records.py": "the file leaves after the request, in a session of its own",
    "relay/account/alerts_off.py": "a mailed link opens it, which says whose alerts are meant",
    "relay/account/asked_requests.py": "a mailed link opens it, which says which agency was asked",
    "relay/account/morning_off.py": "a mailed link opens it, or an agent's login, whose row the partner's scope shows",
    "relay/account/partner_page.py": "an administrator of a partner reads its record, which the partner's scope shows",
}
"""Pages that enter a scope although their guard has, and why."""


def test_a_missing_tenant_is_no_number() -> None:
    """With `or 0` it would be a tenant that has nothing, and a page would say so; scopes.required raises."""
    numbered = [
        f"{path}:{node.lineno}"
        for path, tree in sources().items()
        for node in nodes(tree)
        if isinstance(node, ast.BoolOp)
        and any(last_name(value) in TENANT_IDS for value in node.values)
        and isinstance(node.values[-1], ast.Constant)
    ]
    assert numbered == [], "behind a guard member() or agent(); of a row scopes.required(row.company_id)"


def test_views_have_their_tenant_from_the_guard() -> None:
    by_hand = [
        f"{path}:{node.lineno}"
        for path, tree in sources().items()
        if path.startswith(BEHIND_GUARDS)
        for function in nodes(tree)
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute)
        and node.attr in TENANT_IDS
        and (_is_login(node.value) or last_name(node.value) in _logins(function))
    ]
    assert by_hand == [], "a login may belong to a company or to a partner: ask member() or agent()"


def test_a_surface_leaves_its_scope_to_the_guard() -> None:
    entering = {
        path
        for path, tree in sources().items()
        if path.startswith(BEHIND_GUARDS)
        and any(_is_scope(call) for name in ("company", "partner", "profile") for call in calls(tree, name))
    }
    assert entering == set(ENTERS_ITSELF), "the guard entered it; list the file here with its reason if it could not"


def test_a_verb_that_names_its_company_enters_it() -> None:
    """So it may be called from a page, a job and a command alike; in another company's scope it finds nothing."""
    relying = [
        f"{path}:{verb.lineno} {verb.name}"
        for path, tree in sources().items()
        if VERBS.match(path)
        for verb in tree.body
        if isinstance(verb, ast.FunctionDef)
        and not verb.name.startswith("_")
        and _parameters(verb)[:2] == ["session", "company_id"]
        and _is_int(verb.args.args[1])
        and not _yields(verb)
        and not _enters(verb)
    ]
    assert relying == [], "write @scopes.in_company above it"


def test_the_rooms_of_a_companys_records_leave_the_scope_to_whoever_calls() -> None:
    entering = {
        path
        for path, tree in sources().items()
        if path.startswith(OWN_ROOMS) and any(_is_scope(call) for call in calls(tree, "company"))
    }
    assert entering == set(DOORS), "a guard, a job or a command enters it; list the file here with its reason"
    marked = [path for path in sources() if path.startswith(OWN_ROOMS) and "in_company" in ast.dump(sources()[path])]
    assert marked == [], "the id of a company alone opens none of its records"


def test_a_verb_names_its_company_next_to_the_session() -> None:
    elsewhere = [
        f"{path}:{verb.lineno} {verb.name}"
        for path, tree in sources().items()
        if VERBS.match(path) or path.startswith(OWN_ROOMS)
        for verb in tree.body
        if isinstance(verb, ast.FunctionDef)
        and not verb.name.startswith("_")
        and "session" in _parameters(verb)
        and any(each.arg == "company_id" and _is_int(each) for each in verb.args.args)
        and _parameters(verb)[1] not in {"company_id", "profile_id"}
    ]
    assert elsewhere == [], "session, company_id, …"


def _is_login(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and last_name(node.func) in {"signed_in", "_get_current_object"}


def _logins(function: ast.FunctionDef) -> set[str]:
    """Return the names that a function gives to the login of the request."""
    found = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            target, value = node.targets[0], node.value
            several = isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
            pairs = zip(target.elts, value.elts, strict=True) if several else [(target, value)]  # type: ignore[attr-defined]
            found |= {last_name(name) for name, given in pairs if _is_login(given)}
    return found


def _is_scope(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and last_name(call.func.value) == "scopes"


def _parameters(verb: ast.FunctionDef) -> list[str]:
    return [each.arg for each in verb.args.args]


def _is_int(parameter: ast.arg) -> bool:
    return isinstance(parameter.annotation, ast.Name) and parameter.annotation.id == "int"


def _yields(verb: ast.FunctionDef) -> bool:
    """Return whether it is an iterator, which is read in the scope of whoever reads it."""
    return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in ast.walk(verb))


def _enters(verb: ast.FunctionDef) -> bool:
    """Return whether it enters the company by its decorator or by a block."""
    marked = any(last_name(decorator) == "in_company" for decorator in verb.decorator_list)
    return marked or any(_is_scope(call) for call in calls(ast.Module(list(verb.body), []), "company"))
