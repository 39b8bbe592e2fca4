"""Every letter, link, job and consumer of events, listed once. `create_app` makes them known, in web and worker alike.

A room declares what is its own in LETTERS, JOBS and CONSUMERS; a new module that does so gets its line here.
"""

from relay.bulk import bulk_jobs
from relay.candidates.duplicates import jobs as duplicates
from relay.candidates.files import words
from relay.connect.herp import reading as herp
from relay.connect.webhooks import letters as webhook_letters
from relay.connect.webhooks import messages as webhooks
from relay.hiring import interview_letters, interview_reminders
from relay.identity import first_start, invitation_letters, security_letters
from relay.infra import jobs
from relay.insight import digests, learning, lookout, month_report
from relay.intake.uploads import arrival, later
from relay.intake.writing import found_later
from relay.introductions import jobs as introductions
from relay.introductions import letters as introduction_letters
from relay.kpis import month_counts
from relay.landing import own_session
from relay.mail import letters as mail_letters
from relay.mail import mail_test, practice, server_letters, tokens
from relay.network import (
    company_links,
    confirmations,
    figures,
    handed_links,
    letters,
    licences,
    mailboxes,
    matching,
    mistaken,
    morning,
    new_address,
    outcome_totals,
    own_acts,
    own_pages,
    partner_letters,
    pins,
    ratings,
    renewals,
)
from relay.outreach import apology, rescout_letter
from relay.outreach import letter as result_letter
from relay.rights import asking, record_ends, request_letters, term_changes
from relay.rights import jobs as rights
from relay.worker import upkeep

LETTERS = (
    *apology.LETTERS,
    *asking.LETTERS,
    *company_links.LETTERS,
    *confirmations.LETTERS,
    *digests.LETTERS,
    *handed_links.LETTERS,
    *interview_letters.LETTERS,
    *introduction_letters.LETTERS,
    *invitation_letters.LETTERS,
    *letters.LETTERS,
    *mail_test.LETTERS,
    *month_report.LETTERS,
    *morning.LETTERS,
    *new_address.LETTERS,
    *own_acts.LETTERS,
    *own_pages.LETTERS,
    *partner_letters.LETTERS,
    *record_ends.LETTERS,
    *renewals.LETTERS,
    *request_letters.LETTERS,
    *rescout_letter.LETTERS,
    *result_letter.LETTERS,
    *security_letters.LETTERS,
    *server_letters.LETTERS,
    *webhook_letters.LETTERS,
)
LINKS = (
    mail_letters.UNSUBSCRIBE_LINK,
    mail_letters.OBJECTION_LINK,
    practice.PRACTICE_LINK,
    first_start.SETUP_LINK,
    own_session.SESSION_LINK,
    handed_links.HANDED_LINK,
)
"""The links that are no letter's own."""
JOBS = (
    *arrival.JOBS,
    *asking.JOBS,
    *company_links.JOBS,
    *confirmations.JOBS,
    *digests.JOBS,
    *duplicates.JOBS,
    *figures.JOBS,
    *found_later.JOBS,
    *interview_reminders.JOBS,
    *introductions.JOBS,
    *later.JOBS,
    *learning.JOBS,
    *licences.JOBS,
    *lookout.JOBS,
    *mailboxes.JOBS,
    *matching.JOBS,
    *mistaken.JOBS,
    *herp.JOBS,
    *month_counts.JOBS,
    *month_report.JOBS,
    *morning.JOBS,
    *outcome_totals.JOBS,
    *own_pages.JOBS,
    *pins.JOBS,
    *ratings.JOBS,
    *record_ends.JOBS,
    *renewals.JOBS,
    *bulk_jobs.JOBS,
    *rights.JOBS,
    *term_changes.JOBS,
    *upkeep.JOBS,
    *words.JOBS,
)
CONSUMERS = (
    introductions.CONSUMERS
    | letters.CONSUMERS
    | lookout.CONSUMERS
    | matching.CONSUMERS
    | rights.CONSUMERS
    | webhooks.CONSUMERS
)


def register() -> None:
    """Make everything known in this process; doing so again changes nothing."""
    mail_letters.register(*LETTERS)
    tokens.register(*LINKS)
    jobs.register(*JOBS)
    jobs.deliver_to(CONSUMERS)
