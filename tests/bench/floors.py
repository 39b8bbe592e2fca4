"""The least a page could cost: the best SQL by the bare driver for the same rows, and Jinja alone writing them out.

Raw SQL by design (CONTRIBUTING.md, Scopes: a named module); every statement names the company or partner itself.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from jinja2 import Environment

from relay.text.sought import fts_match, tsquery, words
from tests.bench.sets import Kept

Rows = Sequence[Sequence[Any]]
Ask = Callable[..., Rows]

LIMIT = 51
_CELLS = Environment(autoescape=True).from_string(
    "<table>{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table>"
)
_ROW = """<tr><td class="col-pick"><input class="pick" type="checkbox" name="id" value="{{ row[0] }}" form="bulk"
aria-label="{{ row[1] }}"></td><th scope="row" class="col-name"><div class="cell" id="name-{{ row[0] }}">
<a class="who" href="/pool/{{ row[0] }}">{{ row[1] }}</a> <span class="kana">{{ row[2] }}</span>
<a class="cell__edit" href="/pool/{{ row[0] }}/facts" hx-get="/pool/{{ row[0] }}/name-cell"
hx-target="#name-{{ row[0] }}" hx-swap="outerHTML" aria-label="{{ row[1] }}"></a></div>
<span class="sub">{{ row[7] }}</span><span class="narrow f13 soft">{{ row[6] }}・{{ row[9] }}</span>
<span class="narrow mt-2">{% for tag in tags[row[0]] %}<span class="tag">{{ tag }}</span> {% endfor %}</span></th>
<td class="col-x1">{{ row[6] }}<span class="sub">{{ row[8] }}</span></td>
<td class="col-x1"><span class="badge">{{ row[9] }}</span><span class="sub">{{ row[10] }}</span></td>
<td class="col-x1"><div class="row" id="tags-{{ row[0] }}">
{% for tag in tags[row[0]] %}<span class="tag">{{ tag }}</span>{% endfor %}
<a class="tag tag--add" href="/pool/{{ row[0] }}/tags" hx-get="/pool/{{ row[0] }}/tags"
hx-target="#tags-{{ row[0] }}" hx-swap="outerHTML" aria-label="{{ row[1] }}"></a></div></td>
<td class="col-relay"><span class="relay"><i></i><i></i><i></i>{{ links.get(row[0]) }}</span></td>
<td class="col-x2 r nowrap"><span class="num">{{ row[4] }}</span></td></tr>"""
_PEOPLE = Environment(autoescape=True).from_string(f"<table>{{% for row in people %}}{_ROW}{{% endfor %}}</table>")
_PERSON = """c.id, c.name, c.kana, c.basis, c.retain_until, a.id, p.title, a.channel, a.stage, a.status, a.reason"""
_NEWEST_APPLICATION = """LEFT JOIN applications a ON a.id = (SELECT max(id) FROM applications
    WHERE company_id = ? AND candidate_id = c.id) LEFT JOIN positions p ON p.id = a.position_id"""


@dataclass(frozen=True)
class Listed:
    """A page of the pool: people, and what stands beside them."""

    people: Rows
    tags: Rows
    links: Rows
    referrals: Rows


@dataclass(frozen=True)
class Place:
    """Whose pages are asked for, and from where."""

    kind: str
    company_id: int
    partner_id: int
    candidate_ids: Sequence[int]
    deep: int
    now: datetime


def driver(kept: Kept) -> tuple[Ask, Callable[[], None]]:
    """Ask by the bare driver, and how to stop."""
    if kept.kind == "sqlite":
        connection = sqlite3.connect(kept.folder / "relay.sqlite3")
        return lambda sql, *values: connection.execute(sql, values).fetchall(), connection.close
    server = psycopg.connect(kept.url.replace("postgresql+psycopg://", "postgresql://"), autocommit=True)
    return lambda sql, *values: server.execute(sql.replace("?", "%s"), values, prepare=True).fetchall(), server.close


def written(rows: Rows | Listed) -> str:
    """The rows as Jinja alone writes them; those of the pool with what a row of its list consists of."""
    if not isinstance(rows, Listed):
        return _CELLS.render(rows=rows)
    tags: dict[int, list[str]] = defaultdict(list)
    for candidate_id, _tag_id, name in rows.tags:
        tags[candidate_id].append(name)
    links = {row[0]: row[1] for row in (*rows.links, *rows.referrals)}
    return _PEOPLE.render(people=rows.people[: LIMIT - 1], tags=tags, links=links)


def pool(ask: Ask, place: Place, *, before: int | None = None) -> Listed:
    """The newest people, or those before an id, with their tags, links and referrals."""
    walk = "" if place.kind == "postgresql" else "+"  # else SQLite sorts everyone of each basis
    condition, values = ("AND c.id < ?", [before]) if before else ("", [])
    people = ask(
        f"SELECT {_PERSON} FROM candidates c {_NEWEST_APPLICATION} WHERE c.company_id = ? "
        f"AND {walk}c.basis IN ('stated', 'consented') {condition} ORDER BY c.id DESC LIMIT {LIMIT}",
        place.company_id,
        place.company_id,
        *values,
    )
    return Listed(people, *_around(ask, place, [row[0] for row in people]))


def deep(ask: Ask, place: Place) -> Listed:
    """A page nine tenths down the list."""
    return pool(ask, place, before=place.deep)


def found(query: str) -> Callable[[Ask, Place], Listed]:
    """The newest people found by the words of a query."""
    return lambda ask, place: _searched(ask, place, query)


def operators(ask: Ask, place: Place) -> Listed:
    """The newest people found by `OPERATORS`: the words of the values narrow, one application is looked at."""
    fits = """AND EXISTS (SELECT 1 FROM applications w WHERE w.company_id = c.company_id AND w.candidate_id = c.id
        AND w.stage LIKE '最終%' AND w.channel = 'Indeed' AND w.status = 'rejected') AND NOT EXISTS (
        SELECT 1 FROM applications u WHERE u.company_id = c.company_id AND u.candidate_id = c.id
        AND u.status = 'withdrew')""".replace("%", "%%" if place.kind == "postgresql" else "%")
    return _searched(ask, place, "営業 最終 indeed", fits, wide=20)


def _searched(ask: Ask, place: Place, query: str, fits: str = "", *, wide: int = 2) -> Listed:
    wanted = words(query)
    if place.kind == "sqlite":
        hits = (
            f"SELECT rowid AS id FROM candidate_fts WHERE candidate_fts MATCH ? "
            f"ORDER BY rowid DESC LIMIT {LIMIT * wide}"
        )
        values: list[Any] = [fts_match(place.company_id, wanted)]
    else:
        hits = f"""SELECT candidate_id AS id FROM candidate_search WHERE company_id = ? AND tsv @@ CAST(? AS tsquery)
            ORDER BY candidate_id DESC LIMIT {LIMIT * wide}"""
        values = [place.company_id, tsquery(wanted)]
    people = ask(
        f"SELECT {_PERSON} FROM ({hits}) hit JOIN candidates c ON c.id = hit.id {_NEWEST_APPLICATION} "
        f"WHERE c.company_id = ? AND c.basis IN ('stated', 'consented') {fits} ORDER BY hit.id DESC LIMIT {LIMIT}",
        *values,
        place.company_id,
        place.company_id,
    )
    return Listed(people, *_around(ask, place, [row[0] for row in people]))


def record(ask: Ask, place: Place) -> Rows:
    """One person: fields, applications, tags, memos, acts, mails, link and referral."""
    person = ("company_id = ? AND candidate_id = ?", place.company_id, place.candidate_ids[0])
    one = ask("SELECT * FROM candidates WHERE company_id = ? AND id = ?", *person[1:])
    applications = ask(
        f"SELECT a.id, p.title, a.stage, a.status, a.reason, a.channel, a.applied_on, a.decided_on, a.notified_at "
        f"FROM applications a LEFT JOIN positions p ON p.id = a.position_id WHERE a.{person[0]}".replace(
            "AND candidate_id", "AND a.candidate_id"
        ),
        *person[1:],
    )
    notes = ask(f"SELECT id, body, at FROM notes WHERE {person[0]} ORDER BY id DESC LIMIT 20", *person[1:])
    mails = ask(f"SELECT id, state, settled_at FROM messages WHERE {person[0]} AND letter = 'result'", *person[1:])
    recorder = "SELECT id, at, tag, actor_id, data FROM events WHERE company_id = ? AND subject_kind = ? AND subject_id"
    acts = ask(
        f"{recorder} = ? UNION ALL {recorder} IN ({_marks(applications)}) ORDER BY id DESC LIMIT 20",
        *(place.company_id, "candidate", person[2]),
        *(place.company_id, "application", *[row[0] for row in applications]),
    )
    around = _around(ask, place, [person[2]])
    return [*one, *applications, *notes, *mails, *acts, *(row for rows in around for row in rows)]


def results(ask: Ask, place: Place) -> Rows:
    """Who has not been told yet, the longest waiting first."""
    return ask(
        f"""SELECT a.id, c.id, c.name, c.kana, c.email, p.title, a.stage, a.status, a.reason, a.applied_on, a.decided_on
        FROM applications a JOIN candidates c ON c.id = a.candidate_id LEFT JOIN positions p ON p.id = a.position_id
        WHERE a.company_id = ? AND a.status = 'rejected' AND a.notified_at IS NULL AND NOT EXISTS (
          SELECT 1 FROM messages m WHERE m.company_id = a.company_id AND m.letter = 'result'
          AND m.subject_id = a.id AND m.state IN ('scheduled', 'sending'))
        ORDER BY a.applied_on, a.id LIMIT {LIMIT}""",
        place.company_id,
    )


def home(ask: Ask, place: Place) -> Rows:
    """The day's numbers: pending, undelivered, balance, relay totals, the last ten referrals."""
    company = place.company_id
    return [
        *ask(
            "SELECT count(*) FROM applications WHERE company_id = ? AND status = 'rejected' AND notified_at IS NULL",
            company,
        ),
        *ask("SELECT count(*) FROM messages WHERE company_id = ? AND state IN ('failed', 'bounced')", company),
        *ask("SELECT balance FROM credit_entries WHERE company_id = ? ORDER BY sequence DESC LIMIT 1", company),
        *ask(
            "SELECT count(sent_at), count(visited_at), count(registered_at) FROM relay_links WHERE company_id = ?",
            company,
        ),
        *ask("SELECT count(*) FROM referrals WHERE company_id = ? AND voided_at IS NULL", company),
        *ask(
            "SELECT completed_at FROM referrals WHERE company_id = ? AND voided_at IS NULL "
            "ORDER BY number DESC LIMIT 10",
            company,
        ),
        *ask(
            "SELECT count(*) FROM candidates WHERE company_id = ? AND retain_until <= ?",
            company,
            place.now.date().isoformat() if place.kind == "sqlite" else place.now.date(),
        ),
    ]


def people(ask: Ask, place: Place) -> Rows:
    """Whom the agency sees, newest first."""
    now = place.now.strftime("%Y-%m-%d %H:%M:%S.%f") if place.kind == "sqlite" else place.now
    return [
        *ask(
            f"""SELECT f.code, f.desired_role, f.place, s.since FROM shares s JOIN profiles f ON f.id = s.profile_id
            WHERE s.partner_id = ? AND s.until >= ? ORDER BY s.since DESC, s.id DESC LIMIT {LIMIT}""",
            place.partner_id,
            now,
        ),
        *ask("SELECT count(*) FROM shares WHERE partner_id = ? AND until >= ?", place.partner_id, now),
    ]


def _around(ask: Ask, place: Place, ids: Sequence[int]) -> tuple[Rows, Rows, Rows]:
    """What the list shows beside each person: tags, where the relay stands, a completed referral."""
    if not ids:
        return (), (), ()
    marks = ", ".join("?" * len(ids))
    company = place.company_id
    return (
        ask(
            f"SELECT ct.candidate_id, t.id, t.name FROM candidate_tags ct JOIN tags t ON t.id = ct.tag_id "
            f"WHERE ct.company_id = ? AND ct.candidate_id IN ({marks})",
            company,
            *ids,
        ),
        ask(
            f"SELECT candidate_id, state, sent_at, expires_at FROM relay_links "
            f"WHERE company_id = ? AND candidate_id IN ({marks})",
            company,
            *ids,
        ),
        ask(
            f"SELECT candidate_id, completed_at, number FROM referrals "
            f"WHERE company_id = ? AND voided_at IS NULL AND candidate_id IN ({marks})",
            company,
            *ids,
        ),
    )


def _marks(rows: Rows) -> str:
    return ", ".join("?" * len(rows)) or "NULL"
