"""The end of consents, once a year: one letter in the last month, and going on by a new yes on the own page.

A consent lives twelve months. Silence is not asked again: the consent ends on its day, and the registration goes with
the last of them (A-44). Going on is a yes of its own to each partner, for the contents that it has (A-10, A-43).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import format_date
from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from relay import clock
from relay.infra import jobs
from relay.infra.jobs import JobKind
from relay.mail import allowance
from relay.mail.letters import Letter, LinkFor, MailRoute
from relay.models import Job, MailClass, Message, Profile, RelayLink, Share, TokenPurpose, scopes
from relay.models.locking import lock_companies, lock_profile
from relay.network import letters, new_contents, own_acts, profiles
from relay.network.consent_texts import CONSENT_MONTHS
from relay.network.granting import RENEWABLE, Agreed, Evidence, PartnerGone, WordingChanged, grant, refuse_while_closed
from relay.network.own_acts import OwnAct
from relay.network.partner_options import PartnerOption
from relay.network.partners import active_partners
from relay.network.profiles import item_labels

LETTER = "sharing-ends"
KIND = "sharing-ends"
CHUNK_SIZE = 500
ONCE_WITHIN = timedelta(days=180)
"""No second letter within this time: a consent lives twice as long, and its end is told once."""
ENDING = "letters: registered people whose last consent is about to end belong to no company"


@dataclass(frozen=True)
class Renewal:
    """A partner whose consent is about to end: what it has, until when, and the terms of going on."""

    option: PartnerOption
    items: tuple[str, ...]
    until: date


def offers(session: Session, profile_id: int) -> list[Renewal]:
    """Return the partners that the person can go on with now: in the last month of a consent shown on the page."""
    with scopes.profile(session, profile_id):
        profile = session.scalars(select(Profile)).one()
        ending = _ending(session, profile)
    if profile.erase_at is not None or profiles.is_paused(profile.paused_until) or not ending:
        return []
    options = new_contents.options(session, profile)
    return [
        Renewal(options[partner_id], tuple(item_labels(share.facts)), share.until.astimezone(clock.JAPAN).date())
        for partner_id, share in ending.items()
        if partner_id in options
    ]


def renew(
    session: Session,
    profile_id: int,
    partner_ids: Collection[int],
    *,
    shown: Mapping[int, str],
    token_id: int | None,
    evidence: Evidence,
) -> bool:
    """Go on with these partners for another twelve months, with what each has; returns whether that changed anything.

    `shown` are the hashes of the words on the page. A consent that is not in its last month stays as it is. No referral
    comes of it. Raises PartnerGone, WordingChanged, ErasurePlanned, SharingPaused.
    """
    with scopes.profile(session, profile_id):
        companies = session.scalars(select(Share.company_id)).all()
    lock_companies(session, companies)
    lock_profile(session, profile_id)
    with scopes.profile(session, profile_id):
        profile = session.scalars(select(Profile).execution_options(populate_existing=True)).one()
        ending = _ending(session, profile)
    refuse_while_closed(profile)
    options, renewed = new_contents.options(session, profile), sorted(ending.keys() & set(partner_ids))
    for partner_id in renewed:
        if (option := options.get(partner_id)) is None:
            raise PartnerGone
        if shown.get(partner_id) != option.terms.hash:
            raise WordingChanged
        grant_again(session, profile, option, token_id=token_id, evidence=evidence)
    if renewed:
        own_acts.tell(session, profile_id, OwnAct.RENEWED)
    return bool(renewed)


def grant_again(
    session: Session,
    profile: Profile,
    option: PartnerOption,
    *,
    token_id: int | None,
    evidence: Evidence,
    longer: bool = True,
) -> None:
    """Agree with a partner once more, to what it has, through the companies of the consents before.

    For CONSENT_MONTHS from now, or no `longer` than before. The caller holds companies and profile.
    """
    with scopes.profile(session, profile.id):
        through = [each for each in new_contents.shares(session, profile) if each.partner_id == option.id]
    for share in through:
        if option.id not in {each.id for each in active_partners(session, share.company_id)}:
            continue
        with scopes.company(session, share.company_id):
            link = session.scalars(select(RelayLink).where(RelayLink.id == share.relay_link_id)).one()
        grant(
            session,
            profile,
            Agreed.to(option),
            link=link,
            token_id=token_id,
            facts=share.facts,
            evidence=evidence,
            withheld=share.withheld,
            until=None if longer else share.until,
        )


def _ending(session: Session, profile: Profile) -> dict[int, Any]:
    """Return the newest share of each partner whose shares all end within a month; in the person's scope."""
    newest: dict[int, Any] = {}
    for share in new_contents.shares(session, profile):
        newest[share.partner_id] = max(newest.get(share.partner_id, share), share, key=lambda each: each.until)
    return {each.partner_id: each for each in newest.values() if each.until < clock.now() + RENEWABLE}


def expected(session: Session, profile_id: int) -> list[date]:
    """Return the day on which the letter leaves if the person does nothing; empty where none does."""
    with scopes.profile(session, profile_id):
        profile = session.scalars(select(Profile)).one()
        last = session.scalar(select(func.max(Share.until)))
    if last is None or profile.erase_at is not None:
        return []
    first: date = (last - RENEWABLE).astimezone(clock.JAPAN).date() + timedelta(days=1)
    day = max(first, allowance.first_day(session, LETTER, None, profile.email))
    told = letters.count_since(session, LETTER, profile_id, clock.start_of_day(day) - ONCE_WITHIN)
    return [] if told or last < clock.start_of_day(day) else [day]


def write_to(session: Session, *, after: int = 0, within: timedelta = RENEWABLE) -> Sequence[int]:
    """Send the letter once to people whose last consent ends within that time; returns at whom it looked (CHUNK_SIZE).

    Nobody gets it who goes on with another partner, is about to be erased, or was written to already; they are looked
    at and passed over who had four mails this year. Call it with `after` the last of them until none is left, each in
    a transaction of its own.
    """
    ids = _due(session, after, clock.now() + within)
    with scopes.everyone(session, ENDING):
        of = dict(session.execute(select(Profile.id, Profile.email).where(Profile.id.in_(ids))).all())
    allowance.one_at_a_time(session)
    reached = allowance.may_be_written_to(session, LETTER, None, of.values())
    for profile_id in ids:
        if of[profile_id] in reached:
            _write(session, profile_id)
    return ids


def _due(session: Session, after: int, moment: datetime) -> Sequence[int]:
    now, other = clock.now(), aliased(Share)
    later = exists().where(other.profile_id == Share.profile_id, other.until >= moment)
    told = exists().where(
        Message.profile_id == Share.profile_id, Message.letter == LETTER, Message.created_at > now - ONCE_WITHIN
    )
    ending = (
        select(Share.profile_id)
        .join(Profile, Profile.id == Share.profile_id)
        .where(Share.until >= now, Share.until < moment, ~later, ~told, Profile.erase_at.is_(None))
        .where(Share.profile_id > after)
    )
    with scopes.everyone(session, ENDING):
        return session.scalars(ending.distinct().order_by(Share.profile_id).limit(CHUNK_SIZE)).all()


def _write(session: Session, profile_id: int) -> None:
    with scopes.profile(session, profile_id):
        profile = session.scalars(select(Profile)).one()
        until: datetime = max(session.scalars(select(Share.until)).all())
    letters.send(session, LETTER, profile, values={"until": until.astimezone(clock.JAPAN).date().isoformat()})


def _context(_session: Session, message: Message, link: LinkFor) -> dict[str, Any]:
    until = message.values.get("until", "")
    return {
        "until": format_date(date.fromisoformat(until), "long") if until else "",
        "months": CONSENT_MONTHS,
        "kept_days": profiles.KEPT_DAYS,
        "own_url": link(TokenPurpose.OWN_PAGE),
    }


LETTERS = (
    Letter(
        name=LETTER,
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.INSTALLATION,
        context=_context,
        mint=letters.mint_own_page,
        link=letters.OWN_PAGE_LINK,
        unasked=True,
    ),
)


def _run(session: Session, job: Job) -> None:
    after = 0
    while ids := write_to(session, after=after):
        after = ids[-1]
        jobs.go_on(session, job)


JOBS = (JobKind(KIND, _run),)
