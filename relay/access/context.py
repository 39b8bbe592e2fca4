"""The context of a request: the login, its tenant, and the address it comes from.

A guard makes it once (`enter`); views read it with `member` or `agent`, whose ids are never missing.
"""

from dataclasses import dataclass

from flask import abort, g
from flask_login import current_user
from htmx_flask import request

from relay.extensions import db
from relay.identity.sessions import SignedIn
from relay.models import Actor, ApiKey, ApiScope, Role, act_as, scopes


@dataclass(frozen=True)
class TenantContext:
    """The login that asks, for one tenant."""

    user_id: int
    role: Role


@dataclass(frozen=True)
class Member(TenantContext):
    """A person of a company, on pages for its people."""

    company_id: int


@dataclass(frozen=True)
class Agent(TenantContext):
    """A person of a partner, on pages for its people."""

    partner_id: int


@dataclass(frozen=True)
class Caller:
    """A program that asks with an API key, of one company or one partner."""

    key_id: int
    user_id: int
    """Who answers for the key: what it does carries their name where a person's is due."""
    allowed: frozenset[ApiScope]
    company_id: int | None
    partner_id: int | None


def signed_in() -> SignedIn:
    """Return the signed-in person; only behind a guard that lets nobody else through."""
    person = current_user._get_current_object()
    assert isinstance(person, SignedIn)
    return person


def enter(person: SignedIn) -> TenantContext:
    """Enter the scope of the person's tenant for the rest of the request, act as them, and return their context."""
    session = db.session()
    scopes.enter(session, company=person.company_id, partner=person.partner_id)
    act_as(session, Actor("user", person.user_id, client_address(), g.request_id))
    tenant: TenantContext
    if person.company_id is not None:
        tenant = Member(person.user_id, person.role, person.company_id)
    else:
        tenant = Agent(person.user_id, person.role, scopes.required(person.partner_id))
    g.tenant = tenant
    return tenant


def entered() -> TenantContext | None:
    """Return the context of this request; None where no guard made one."""
    tenant: TenantContext | None = g.get("tenant")
    return tenant


def member() -> Member:
    """Return the person of a company who asks, and the company; 404 for anybody else."""
    tenant = entered()
    return tenant if isinstance(tenant, Member) else abort(404)


def agent() -> Agent:
    """Return the person of a partner who asks, and the partner; 404 for anybody else."""
    tenant = entered()
    return tenant if isinstance(tenant, Agent) else abort(404)


def enter_by_key(key: ApiKey) -> Caller:
    """Enter the scope of the key's company or partner for the rest of the request, act as it, and return who asks."""
    session = db.session()
    scopes.enter(session, company=key.company_id, partner=key.partner_id)
    act_as(session, Actor("api-key", key.id, client_address(), g.request_id))
    made = Caller(key.id, key.made_by_user_id, frozenset(key.in_order), key.company_id, key.partner_id)
    g.caller = made
    return made


def caller() -> Caller:
    """Return the program that asks; only behind the guard of keys."""
    made: Caller = g.caller
    return made


def client_address() -> str:
    """Return the address a request comes from, as far as tables keep it."""
    return (request.remote_addr or "")[:45]
