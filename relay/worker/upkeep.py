"""The house's own chores: the day's and the hour's work is put on the list, and what runs out is swept away.

The daily erasure itself (`retention`) and the scrubbing after it are jobs of relay.rights.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from relay import clock
from relay.bulk import bulk_jobs
from relay.candidates import files
from relay.candidates.duplicates import jobs as duplicates
from relay.connect import kept_answers
from relay.connect.herp import reading as herp
from relay.connect.webhooks import messages as webhooks
from relay.hiring import interview_reminders
from relay.identity import invitations, throttle, users
from relay.infra import jobs
from relay.infra.jobs import JobKind, Queue
from relay.insight import digests, learning, lookout, month_report
from relay.intake.uploads import waiting
from relay.introductions import jobs as introductions
from relay.kpis import month_counts
from relay.mail import codes, mailbox, outbox, practice, tokens
from relay.models import Import, Job, JobState, UserSession, journal, list_triggers, scopes
from relay.models.retention import UNAPPLIED_FILE
from relay.network import (
    company_links,
    confirmations,
    ended_references,
    figures,
    matching,
    mistaken,
    morning,
    new_address,
    outcome_totals,
    partner_people,
    pending,
    ratings,
    referrals,
    renewals,
)
from relay.outreach import drafts
from relay.rights import asking, data_requests, erased_keys, record_ends
from relay.trust import provisions, related_provisions

JOBS_KEPT = timedelta(days=30)
LOOKED_AT = 100_000
"""How many rows of an index SQLite looks at. Of the first so many, one company may have all: of few it would be taken
for small, and walked (1,000: home 20 ms, then 3 s at a million). All of them take 2.6 s there, ten times less than
without an end."""


def schedule(session: Session, now: datetime) -> None:
    """Queue what is to be done today (in Japan) and this hour; any number of workers queue it once."""
    day = now.astimezone(clock.JAPAN).date()
    jobs.enqueue(session, "retention", key=f"retention:{day:%Y-%m-%d}")
    jobs.enqueue(session, "licences", key=f"licences:{day:%Y-%m-%d}")
    for kind in (
        *(figures.KIND, outcome_totals.KIND, record_ends.KIND, renewals.KIND, confirmations.KIND),
        *(month_counts.KIND, learning.KIND, ratings.KIND, herp.KIND),
    ):
        jobs.enqueue(session, kind, key=f"{kind}:{day:%Y-%m-%d}")
    duplicates.ask(session, now)
    bulk_jobs.schedule_rules(session)
    lookout.schedule(session)
    jobs.enqueue(
        session, digests.KIND, key=f"{digests.KIND}:{day:%Y-%m-%d}", due_at=clock.start_of_day(day) + digests.HOUR
    )
    for kind in (morning.KIND, month_report.KIND):
        jobs.enqueue(session, kind, key=f"{kind}:{day:%Y-%m-%d}", due_at=morning.due_at(day))
    for kind in ("sweep", matching.KIND, mistaken.KIND, interview_reminders.KIND, introductions.KIND):
        jobs.enqueue(session, kind, key=f"{kind}:{now:%Y-%m-%dT%H}")


def sweep(session: Session, job: Job) -> None:
    """Remove what has run out: unconfirmed registrations, files never applied, records past their term, sessions …

    Where people are held, a portion of them is one transaction.
    """
    now = clock.now()
    pending.purge(session)
    new_address.sweep(session)
    company_links.sweep(session)
    while partner_people.sweep(session):
        jobs.go_on(session, job)
    asking.sweep(session)
    session.execute(delete(UserSession).where(UserSession.expires_at <= now))
    throttle.sweep(session)
    invitations.sweep(session)
    codes.sweep(session)
    tokens.sweep(session)
    kept_answers.sweep(session)
    practice.sweep(session)
    mailbox.sweep()
    outbox.forget_staff_mails(session)
    users.forget_left(session)
    referrals.forget_networks(session)
    with scopes.everyone(session, "worker: mails that nobody finished, of any company"):
        drafts.sweep(session)
    with scopes.everyone(session, "worker: files that were previewed and never applied, of any company"):
        waiting.discard_all(session, Import.created_at <= now - UNAPPLIED_FILE.length)
    with scopes.everyone(session, "worker: acts that can no longer be taken back, of any company"):
        journal.sweep(session)
    with scopes.everyone(session, "worker: records of provision whose term is over"):
        provisions.purge(session)
        related_provisions.purge(session)
    with scopes.everyone(session, "worker: people of any partner whose term is over, and references past theirs"):
        while partner_people.note_expired(session):
            jobs.go_on(session, job)
        ended_references.purge(session)
    with scopes.everyone(session, "worker: requests of any company that were closed a year ago"):
        data_requests.forget_closed(session)
    with scopes.everyone(session, "worker: what alerts of any company knew of people who are long gone"):
        lookout.sweep(session)
    with scopes.everyone(session, "worker: webhooks of any company whose days in the log are over"):
        webhooks.sweep(session)
    with scopes.everyone(session, "worker: stored files that no row of any company names"):
        files.sweep(session)
    session.execute(delete(Job).where(Job.state == JobState.DONE, Job.finished_at <= now - JOBS_KEPT))
    add_up(session)
    erased_keys.write_missing(session)
    refresh_statistics(session)


def add_up(session: Session) -> None:
    """Leave one row of each cell of counted applications; on PostgreSQL each statement adds some (list_triggers)."""
    if session.get_bind().dialect.name != "postgresql":
        return
    session.execute(text(list_triggers.ADD_UP))


def refresh_statistics(session: Session) -> None:
    """Let SQLite look at its indexes again; without, it walks whole companies (PostgreSQL does this by itself).

    A build with STAT4 keeps samples of the indexed values, names and addresses among them: those are thrown away,
    so that no erased person stays in them (invariant 9).
    """
    if session.get_bind().dialect.name != "sqlite":
        return
    session.execute(text(f"PRAGMA analysis_limit = {LOOKED_AT}"))
    session.execute(text("ANALYZE"))
    if session.execute(text("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat4'")).first() is not None:
        session.execute(text("DELETE FROM sqlite_stat4"))


JOBS = (JobKind("sweep", sweep, Queue.DUTIES),)
