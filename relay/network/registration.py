"""Registering through a relay link: profile, consents, shares and referral in one transaction (invariant 3).

The mailed link proves its own address; another one is proven by a POST from its mailbox first. Doing it twice
is harmless. Only a person's POST comes here: a visit is not a consent (C-16).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from dateutil.relativedelta import relativedelta
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.models import (
    LinkSource,
    LinkState,
    PartnerKind,
    PendingRegistration,
    Profile,
    RelayLink,
    scopes,
)
from relay.models.locking import lock_company
from relay.network import (
    company_links,
    consents,
    letters,
    links,
    next_openings,
    own_pages,
    pending,
    pins,
    profiles,
    referrals,
)
from relay.network.consent_texts import CONSENT_MONTHS
from relay.network.granting import (
    Agreed,
    Evidence,
    OutcomeState,
    PartnerGone,
    RegistrationResult,
    WordingChanged,
    facts_of,
    grant,
)
from relay.network.links import LinkGone
from relay.network.partner_options import company_of, of_company
from relay.network.partners import active_partners
from relay.network.pending import PendingConfirmation
from relay.network.profiles import ITEMS, ProfileFields
from relay.text import MailFault, mail_key, mail_sentence, normalise_mail


class NoPartnerChosen(DomainError):
    """Raise where no recipient is ticked."""

    code = "no-partner-chosen"
    message = _l("登録先が選ばれていません。一つ以上お選びください。まだどこにも伝わっていません。")


class PurposeAlone(DomainError):
    """Raise where a school would introduce jobs without a yes to its courses (B-33)."""

    code = "second-purpose-alone"
    message = _l(
        "学校からの「求人の紹介」は、その学校の講座・コースの案内とあわせて選べます。まだどこにも伝わっていません。"
        "学校にもチェックを入れるか、「求人の紹介」のチェックを外してください。"
    )


class AddressUnusable(DomainError):
    """Raise where the address cannot receive mail."""

    code = "address-unusable"


@dataclass(frozen=True)
class PartnerChoices:
    """The ticked partners; `shown` holds the hash of the terms shown for each, where the form sent it back."""

    partner_ids: tuple[int, ...]
    shown: Mapping[int, str] = field(default_factory=dict)
    openings: bool = False
    """Whether the company may tell the person of its next openings; may be all that is wished."""
    jobs: tuple[int, ...] = ()
    """The schools that may introduce jobs, too: the second tick."""


def register(
    session: Session,
    link: RelayLink,
    *,
    token_id: int | None,
    choices: PartnerChoices,
    fields: ProfileFields,
    address: str | None,
    number: str,
    evidence: Evidence,
) -> RegistrationResult:
    """Register the person with the chosen partners, at once where the link's own address is used.

    Another `address` is first asked about at the mailed one, then proven by a mail of its own; until then nothing is
    written but one waiting row.
    `number` is the 暗証番号 of the own page. It is compared with what HR knows last, so that trying out birthdays
    costs the link. A link that was used already changes nothing more (C-19). Raises LinkGone,
    RegistrantNameMissing, NoPartnerChosen, PartnerGone, WordingChanged, AddressUnusable, TooManyAddresses,
    PinMalformed, PinTooEasy, PinGuessable, PurposeAlone.
    """
    with scopes.company(session, link.company_id):
        lock_company(session, link.company_id)
        link = links.load(session, link.id)
        if link.state is LinkState.REGISTERED:
            return RegistrationResult(OutcomeState.REGISTERED, repeated=True)
        filled = fields.cleaned()
        if link.source is LinkSource.COMPANY_LINK:
            choices = replace(choices, openings=False)  # there is no application it could keep
        agreed = _agreed(session, link, choices)
        mailed, typed = _mailed_address(session, link), _typed_address(address)
        elsewhere = bool(typed) and mail_key(typed) != mail_key(mailed)
        if not mailed:
            raise AddressUnusable(
                _l(
                    "ご案内をお送りした宛先が残っていないため、このリンクからは登録できません。まだどこにも伝わっていません。"
                )
            )
        if elsewhere:
            pending.refuse_too_many(session, link)
        pin_hash = _chosen_pin(session, link, typed if elsewhere else mailed, filled, number)
        if elsewhere:
            held = pending.wait(
                session,
                link,
                typed,
                filled,
                agreed,
                pin_hash=pin_hash,
                token_id=token_id,
                locale=evidence.locale,
                mailed=mailed,
                openings=choices.openings,
            )
            names = tuple(each.name for each in agreed)
            return RegistrationResult(OutcomeState.CONFIRM_ADDRESS, names, address=typed, again=pending.again_key(held))
        pending.forget(session, link)
        outcome = _register(session, link, mailed, filled, agreed, pin_hash, token_id, evidence)
        return _with_openings(session, link, outcome, evidence, wished=choices.openings)


def pending_of(session: Session, pending_id: int) -> PendingConfirmation:
    """Return what the page that proves another address shows. Raises LinkGone when there is nothing to confirm."""
    return pending.shown(session, pending_id)


def confirm(session: Session, pending_id: int, evidence: Evidence) -> RegistrationResult:
    """Write everything that waited for the POST from the other mailbox, under the words agreed to then.

    The caller has compared the number that was chosen with it (`pending.count_try`): the mail alone opens nothing.
    Confirming again changes nothing. Raises LinkGone, PartnerGone (every chosen partner stopped meanwhile).
    """
    waiting = pending.load(session, pending_id)
    if waiting is not None:
        with scopes.company(session, waiting.company_id):
            lock_company(session, waiting.company_id)
            if (held := pending.load(session, pending_id)) is not None:
                return _write_waiting(session, held, evidence)
    if pending.was_confirmed(session, pending_id):
        return RegistrationResult(OutcomeState.REGISTERED, repeated=True)
    raise LinkGone


def mail_own_page(session: Session, link: RelayLink) -> None:
    """Mail the own-page link of a used link to the registered address, and tell nothing else (C-19).

    A few times a day: the holder of a forwarded link must not fill the person's mailbox.
    """
    profile_id = consents.of_link(session, link)
    if profile_id is None:
        return
    with scopes.profile(session, profile_id):
        profile = session.scalars(select(Profile)).one_or_none()
    if profile is None:
        return
    sent = letters.count_since(session, letters.OWN_PAGE, profile.id, clock.now() - own_pages.A_DAY)
    if sent < own_pages.MAX_A_DAY:
        letters.send_own_page(session, profile)


def _agreed(session: Session, link: RelayLink, choices: PartnerChoices) -> list[Agreed]:
    """Return the ticked partners with today's words, once each."""
    if not set(choices.jobs) <= set(choices.partner_ids):
        raise PurposeAlone
    if not choices.partner_ids:
        if choices.openings:
            return []
        raise NoPartnerChosen
    offered = {each.id: each for each in of_company(session, company_of(session, link))}
    if not set(choices.partner_ids) <= offered.keys():
        raise PartnerGone
    if any(offered[each].with_jobs is None for each in choices.jobs):
        raise WordingChanged
    chosen = [each for each in offered.values() if each.id in choices.partner_ids]
    agreed = [Agreed.to(each.agreed_to(jobs=each.id in choices.jobs)) for each in chosen]
    if any(choices.shown.get(each.partner_id, each.hash) != each.hash for each in agreed):
        raise WordingChanged
    return agreed


def _chosen_pin(session: Session, link: RelayLink, email: str, fields: ProfileFields, typed: str) -> str:
    number = pins.read(typed)
    pins.refuse_guessable(number, pins.facts_of_link(session, link, fields.phone))
    return pins.hash_for(session, email, number)


def _mailed_address(session: Session, link: RelayLink) -> str:
    """Return the address the link went to; empty when the mail is gone that names it."""
    return next(iter(links.mailed_to(session, [link])), "")


def _typed_address(address: str | None) -> str:
    if address is None:
        return ""
    reading = normalise_mail(address)
    if not reading.value:
        raise AddressUnusable(mail_sentence(reading.fault or MailFault.UNUSABLE, address))
    return reading.value


def _write_waiting(session: Session, waiting: PendingRegistration, evidence: Evidence) -> RegistrationResult:
    link = session.scalars(
        select(RelayLink)
        .where(RelayLink.id == waiting.relay_link_id, RelayLink.state != LinkState.REVOKED)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if link is None:
        raise LinkGone
    kept = waiting.evidence
    active = {each.id: each.identity for each in active_partners(session, link.company_id)}
    waited = map(Agreed.from_json, kept["agreed"])
    agreed = [each for each in waited if active.get(each.partner_id) == each.identity]
    if kept["agreed"] and not agreed:
        raise PartnerGone
    evidence = replace(evidence, locale=kept["locale"])
    fields = ProfileFields(**waiting.fields)
    token_id: int | None = kept["token_id"]
    outcome = _register(session, link, waiting.email, fields, agreed, waiting.pin_hash, token_id, evidence)
    assert outcome.profile_id is not None
    _with_openings(session, link, outcome, evidence, wished=kept.get("openings", False))
    pending.complete(session, waiting, outcome.profile_id)
    return outcome


def _use_up(link: RelayLink) -> None:
    """Note that the link has registered a person; one that only asked for openings still offers the partners."""
    now = clock.now()
    link.state, link.registered_at, link.visited_at = LinkState.REGISTERED, now, link.visited_at or now


def _with_openings(
    session: Session, link: RelayLink, outcome: RegistrationResult, evidence: Evidence, *, wished: bool
) -> RegistrationResult:
    if wished and outcome.profile_id is not None:
        next_openings.grant(session, link, outcome.profile_id, evidence)
    return outcome


def _register(
    session: Session,
    link: RelayLink,
    email: str,
    fields: ProfileFields,
    agreed: Sequence[Agreed],
    pin_hash: str,
    token_id: int | None,
    evidence: Evidence,
) -> RegistrationResult:
    """Write it all, for an address that is proven; the caller holds the company."""
    profile = profiles.of_address(session, email, fields, evidence.locale)
    written = {"email", *(each for each in ITEMS if getattr(fields, each, ""))}
    pins.adopt(session, profile, pin_hash)
    profiles.unhide_items(profile, written)
    if profile.erase_at is not None:
        own_pages.cancel_erasure(session, profile.id)
    if profile.paused_until is not None:
        own_pages.resume(session, profile.id)
    facts = {item: value for item, value in facts_of(profile).items() if item in written}
    for each in agreed:
        grant(session, profile, each, link=link, token_id=token_id, facts=facts, evidence=evidence)
    if agreed:
        _use_up(link)
        session.flush()
    if link.source is LinkSource.COMPANY_LINK:
        company_links.hand_over(session, link, profile.id)
    if any(each.kind is PartnerKind.AGENCY for each in agreed):
        referrals.complete_for(session, [link], email, evidence)
    letters.send_own_page(session, profile)
    until = clock.today() + relativedelta(months=CONSENT_MONTHS)
    names = tuple(each.name for each in agreed)
    return RegistrationResult(OutcomeState.REGISTERED, names, until, profile_id=profile.id)
