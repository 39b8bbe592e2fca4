"""The data an event keeps beside its subject, in declared shapes; each tag names its own (relay.models.events).

Ids, counts, days and closed words only, never a name, address or free text (A-27); a field that is None is not kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class EventData:
    """Nothing beside the subject."""

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Self:
        """Return the data of an event; keys of an earlier shape are left out."""
        return cls(**{field.name: kept[field.name] for field in fields(cls) if field.name in kept})

    def as_json(self) -> dict[str, Any]:
        """Return what is kept, by the names of the fields."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in values.items()
            if value is not None
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldsChanged(EventData):
    """The names of the fields that have other values now."""

    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted(EventData):
    """The number of people or mails it was done to."""

    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalCheckChanged(EventData):
    """An item of the legal checklist, and the day it was confirmed (ISO 8601), if it was."""

    item: str
    confirmed_on: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IntroductionsPromised(EventData):
    """How many free introductions a year the partner makes for the company; 0 for none."""

    per_year: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordUseSet(EventData):
    """The use of selection records: from applications of which day on (ISO 8601); None where it was switched off."""

    since: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningSwitched(EventData):
    """True where learned points order people from now on, False where the stated ones do."""

    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyWordChanged(EventData):
    """True where a word of the company's own was added, False where it was removed."""

    added: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RelaySwitch(EventData):
    """The relay switched on or off."""

    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UserCreated(EventData):
    """The role the user begins with."""

    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UserChanged(EventData):
    """The change to a user, and the role where it was that."""

    what: str
    role: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationSent(EventData):
    """The kind of invitation (member, agent, partner), and True for a further mail."""

    kind: str
    again: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationAccepted(EventData):
    """The user who joined by it."""

    user_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver(EventData):
    """The colleague who took the work over, and how much of each there was."""

    to: int | None
    drafts: int
    scheduled: int
    files: int
    invitations: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ActRefused(EventData):
    """The attempt: endpoint, permission that was missing, and role."""

    endpoint: str
    permission: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportApplied(EventData):
    """The figures of the report, and why the people may be kept."""

    format: str
    rows: int
    created: int
    updated: int
    rejected: int
    withdrew: int
    hired: int
    duplicates: int
    in_selection: int
    past_date: int
    left_out: int
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateChanged(EventData):
    """The change to a candidate: facts by their names and the import; the follow-up; or that an act was undone."""

    fields: tuple[str, ...] | None = None
    import_id: int | None = None
    follow_up: str | None = None
    undone: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateErased(EventData):
    """The candidates and the cause; reason and day of a request; how many other rows held the address."""

    candidate_ids: tuple[int, ...]
    cause: str
    reason: str | None = None
    asked_on: str | None = None
    others: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionStateSet(EventData):
    """The state a position is in now."""

    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionsMerged(EventData):
    """The position that took up the one the event is about."""

    into: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidatePair(EventData):
    """Two records that are not the same person."""

    candidate_ids: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidatesMerged(EventData):
    """The record that stays, and the one that went into it."""

    candidate_id: int
    merged_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TagOnCandidate(EventData):
    """The tag that was put on or taken off."""

    tag_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChanged(EventData):
    """The change to a tag rule, and the tag and follow-up it sets."""

    rule: str
    tag_id: int | None
    follow_up: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported(EventData):
    """The purpose, the format and how many people; at the end, True where all of it was sent (E-16)."""

    purpose: str
    format: str
    rows: int
    complete: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOut(EventData):
    """How many people a partner wrote out, and why; files before 2026-11-30 have no reason (E-16)."""

    count: int
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteKept(EventData):
    """The memo, never what it says."""

    note_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileKept(EventData):
    """The file and its kind, never its name."""

    file_id: int
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactWish(EventData):
    """The channel by which the person wished no mails, or mails again."""

    contact_channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedNoted(EventData):
    """The related company it is about; of a word that ended, `by` whose wish (`relay.models.related.RelatedEnd`)."""

    related_company_id: int
    by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InterviewNoted(EventData):
    """The person invited, and who called it off: `person`, `company`, or `result` where the selection ended."""

    candidate_id: int
    by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IntroductionEnded(EventData):
    """The cause of which a request for an introduction ended, or the state an interview led to."""

    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseJudged(EventData):
    """The person's word whether the interview was held as promised."""

    kept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationDecided(EventData):
    """The candidate; the reason of a rejection; the day and step of a result recorded by hand."""

    candidate_id: int
    reason: str | None = None
    on: str | None = None
    step: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StayTold(EventData):
    """The candidate who was hired, and whether they were still there so many months later."""

    candidate_id: int
    months: int
    there: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CostNoted(EventData):
    """The month of a cost (ISO 8601) and its kind."""

    month: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CostFileNoted(EventData):
    """How many sums a file of costs added, and how many it changed."""

    added: int
    changed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiTargetSet(EventData):
    """The figure whose target was set, by its key."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultQueued(EventData):
    """The candidate and the mail; True where the rejection was decided by sending it."""

    candidate_id: int
    message_id: int
    decided_here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultFinal(EventData):
    """The candidate, the mail, and the state in which the mail ended."""

    candidate_id: int
    message_id: int
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultMistaken(EventData):
    """The candidate and the mail, what was wrong about it, and True where the selection runs on."""

    candidate_id: int
    message_id: int
    kind: str
    reopened: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateSaved(EventData):
    """The new version, or True where it was put away and False where it is used again."""

    version: int | None = None
    archived: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOutMade(EventData):
    """The class of mails that is stopped, kept as `class`, and the road it came by."""

    mail_class: str
    via: str

    def as_json(self) -> dict[str, Any]:
        """Return what is kept."""
        return {"class": self.mail_class, "via": self.via}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentGranted(EventData):
    """The version of the text, and the names of the items."""

    version: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentWithdrawn(EventData):
    """The reference of the person, the road it came by, how many consents ended, and how many shares stood till then.

    None stood where terms were over: then nobody took anything back. Events before 2026-11-30 do not say it.
    """

    code: str | None = None
    way: str | None = None
    consents: int | None = None
    stood: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RescoutAnswered(EventData):
    """The mail that was answered by the number of its row, and the answer."""

    rescout_id: int
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentNarrowed(EventData):
    """The reference of the person, and the names of the items that the partner has no more."""

    code: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralNumbered(EventData):
    """The referral by the number the company sees."""

    referral_id: int | None = None
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditBooked(EventData):
    """The credits of the company after the entry."""

    balance: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceWarned(EventData):
    """The stage in days before the end of the licence, and the end."""

    days: int
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WentLive(EventData):
    """The number of mails sent in practice before."""

    practice_mails: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MailsWaiting(EventData):
    """The number of mails that waited."""

    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyPublished(EventData):
    """The version of the published text."""

    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldSet(EventData):
    """A hold that was set: its reason and last day (ISO 8601)."""

    hold_id: int
    reason: str
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldReleased(EventData):
    """A hold that was ended before its day."""

    hold_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionTermSet(EventData):
    """The basis, and for how many months it keeps a person."""

    basis: str
    months: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PurposeChanged(EventData):
    """The purpose of use, and the version of its text."""

    purpose: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkBegun(EventData):
    """The kind of an act that the worker goes on with, and how many people it is about."""

    act: str
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionUndone(EventData):
    """The kind of the act, and how many people it was about."""

    act: str
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestNoted(EventData):
    """The kind of the request, and the state it is in now."""

    kind: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookStopped(EventData):
    """Why the address gets nothing any more."""

    why: str
