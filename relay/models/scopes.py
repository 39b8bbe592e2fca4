"""Scopes: for whom a query asks. Without one, a query on a scoped table raises.

`company`, `partner` and `profile` filter every ORM select, update and delete; they nest, and each
table is filtered by every kind it knows. `everyone(reason)` lifts the filter for worker, command
line, login and token look-up only. Rows of practice are seen in `practice` alone, and nothing but them there.
Core tables and raw SQL are not seen here: see the named modules.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import BindParameter, Boolean, bindparam, event, exists, literal
from sqlalchemy import Table as SqlTable
from sqlalchemy.orm import ORMExecuteState, Session, aliased, with_loader_criteria
from sqlalchemy.sql import visitors

from relay.errors import ScopeMissing
from relay.models.base import BigId, CompanyScoped, PartnerScoped, Practisable, ProfileScoped, Table

KINDS: dict[str, type] = {"company": CompanyScoped, "partner": PartnerScoped, "profile": ProfileScoped}
_SLOT = "relay_scope"
P = ParamSpec("P")
Value = TypeVar("Value")


@dataclass(frozen=True)
class Scope:
    """The ids a session's queries are bound to; `reason` set means unbound, and says why."""

    company: int | None = None
    partner: int | None = None
    profile: int | None = None
    reason: str = ""
    practice: bool = False

    @cached_property
    def active(self) -> frozenset[str]:
        """Return the kinds this scope binds."""
        return frozenset(kind for kind in KINDS if getattr(self, kind) is not None)

    @cached_property
    def values(self) -> dict[str, Any]:
        """Return the ids as the parameters of a prepared read (`prepared`)."""
        return {f"scope_{kind}": getattr(self, kind) for kind in self.active}

    @cached_property
    def kind(self) -> tuple[frozenset[str], bool] | None:
        """Return what decides the words of a prepared read: the kinds it binds, and whether of practice; unbound, None.

        Practice is no parameter: PostgreSQL would take a plan it keeps to find half of the rows.
        """
        return None if self.reason else (self.active, self.practice)

    @cached_property
    def criteria(self) -> list[Any]:
        """Return the loader options that bind a statement to this scope."""
        company, partner, profile, practice = self.company, self.partner, self.profile, self.practice
        options: list[Any] = [_only(Practisable, lambda cls: cls.practice == practice)]
        if company is not None:
            options.append(_only(CompanyScoped, lambda cls: cls.company_id == company))
        if partner is not None:
            options.append(_only(PartnerScoped, lambda cls: cls.partner_id == partner))
            options.extend(_through_shares(partner))
        if profile is not None:
            options.append(_only(ProfileScoped, lambda cls: cls.profile_id == profile))
        return options


def _only(mixin: type, condition: Callable[[Any], Any]) -> Any:
    return with_loader_criteria(mixin, condition, include_aliases=True)


def _conditions_by_parameter() -> dict[str, Any]:
    """Return the conditions of `Scope.criteria` with the parameters of `Scope.values`: a lambda of it takes values."""
    company, partner, profile = (bindparam(f"scope_{kind}", type_=BigId) for kind in KINDS)
    return {
        "company": _only(CompanyScoped, lambda cls: cls.company_id == company),
        "partner": _only(PartnerScoped, lambda cls: cls.partner_id == partner),
        "profile": _only(ProfileScoped, lambda cls: cls.profile_id == profile),
    }


def _of_practice(practice: bool) -> Any:
    written = literal(practice, Boolean, literal_execute=True)
    return _only(Practisable, lambda cls: cls.practice == written)


_BY_PARAMETER = _conditions_by_parameter()
_OF_PRACTICE = {practice: _of_practice(practice) for practice in (False, True)}


@contextmanager
def company(session: Session, company_id: int) -> Iterator[None]:
    """Bind the block's queries to one company."""
    with _bound(session, company=company_id):
        yield


@contextmanager
def partner(session: Session, partner_id: int) -> Iterator[None]:
    """Bind the block's queries to one partner."""
    with _bound(session, partner=partner_id):
        yield


@contextmanager
def profile(session: Session, profile_id: int) -> Iterator[None]:
    """Bind the block's queries to one registered person."""
    with _bound(session, profile=profile_id):
        yield


@contextmanager
def practice(session: Session) -> Iterator[None]:
    """Show only practice rows within the scope in force; rows added inside the block are marked as practice."""
    known = current(session)
    if known is None or known.reason:
        raise ScopeMissing("practice: say for whom first (relay.models.scopes)")
    with _put(session, replace(known, practice=True)):
        yield


@contextmanager
def everyone(session: Session, reason: str) -> Iterator[None]:
    """Ask across companies; every use is listed with its reason in the convention test."""
    with _put(session, Scope(reason=reason)):
        yield


def enter(session: Session, *, company: int | None = None, partner: int | None = None) -> None:
    """Bind the rest of a request; the session ends with it."""
    session.info[_SLOT] = Scope(company=company, partner=partner)


def current(session: Session) -> Scope | None:
    """Return the scope in force, if any."""
    return session.info.get(_SLOT)


@contextmanager
def within(session: Session, scope: Scope | None) -> Iterator[None]:
    """Ask in a scope that was in force before, for what was put off meanwhile."""
    with _put(session, scope):
        yield


def in_company(verb: Callable[Concatenate[Session, int, P], Value]) -> Callable[Concatenate[Session, int, P], Value]:
    """Run a verb in the scope of the company its signature names, where none of a company is in force.

    Where one is, nothing is entered and nothing flushed: an id of another company finds nothing there.
    """

    @wraps(verb)
    def within(session: Session, company_id: int, /, *args: P.args, **kwargs: P.kwargs) -> Value:
        known = current(session)
        if known is not None and known.company is not None:
            return verb(session, company_id, *args, **kwargs)
        with company(session, company_id):
            return verb(session, company_id, *args, **kwargs)

    return within


def required(tenant_id: int | None) -> int:
    """Return the id of a tenant that must be there. Raises ScopeMissing where none is, instead of asking for nobody."""
    if tenant_id is None:
        raise ScopeMissing("this row belongs to no tenant, and was read as if it did (relay.models.scopes)")
    return tenant_id


@contextmanager
def _bound(
    session: Session, *, company: int | None = None, partner: int | None = None, profile: int | None = None
) -> Iterator[None]:
    outer = current(session)
    known = Scope() if outer is None or outer.reason else outer
    inner = Scope(
        company=known.company if company is None else company,
        partner=known.partner if partner is None else partner,
        profile=known.profile if profile is None else profile,
        practice=known.practice,
    )
    with _put(session, inner):
        yield


@contextmanager
def _put(session: Session, scope: Scope | None) -> Iterator[None]:
    session.flush()
    outer = session.info.get(_SLOT)
    session.info[_SLOT] = scope
    try:
        yield
        session.flush()
    finally:
        session.info[_SLOT] = outer


def _through_shares(partner_id: int | BindParameter[int]) -> list[Any]:
    """Return the options that show a profile in a partner's scope only while a share to it is in force."""
    from relay.models.consents import Profile, Share

    share = aliased(Share)
    shared = exists().where(share.profile_id == Profile.id, share.partner_id == partner_id)
    return [with_loader_criteria(Profile, shared, include_aliases=True)]


def kinds_of(model: type) -> frozenset[str]:
    """Return the kinds of scope a model knows."""
    return frozenset(kind for kind, mixin in KINDS.items() if issubclass(model, mixin))


def models_by_table() -> dict[str, type]:
    """Return every mapped class by table name."""
    return {str(mapper.local_table.name): mapper.class_ for mapper in Table.registry.mappers}  # type: ignore[attr-defined]


_known: dict[str, tuple[type, frozenset[str]]] = {}
_named: WeakKeyDictionary[Any, list[tuple[type, frozenset[str]]]] = WeakKeyDictionary()
_forms: WeakKeyDictionary[Any, dict[Scope, Any]] = WeakKeyDictionary()
FORMS = 16  # tricks: record
"""So many scopes are kept of each statement; a company's people follow each other closely."""


def asks(statement: Any, models: Collection[type]) -> bool:
    """Return whether a statement names one of these scoped models."""
    return any(model in models for model, _kinds in _scoped_models(statement))


def _scoped_models(statement: Any) -> list[tuple[type, frozenset[str]]]:
    """Return the scoped models a statement names; found once for a statement that is kept and run again."""
    if statement not in _named:
        _named[statement] = _look_for_scoped_models(statement)
    return _named[statement]


def _look_for_scoped_models(statement: Any) -> list[tuple[type, frozenset[str]]]:
    if not _known:
        _known.update({name: (model, kinds_of(model)) for name, model in models_by_table().items()})
    tables = {element.name for element in visitors.iterate(statement) if isinstance(element, SqlTable)}
    return [_known[name] for name in tables if name in _known and _known[name][1]]


def _allowed(model: type, kinds: frozenset[str], scope: Scope) -> bool:
    if kinds & scope.active:
        return True
    return scope.partner is not None and model.__name__ == "Profile"


def prepared(statement: Any, scope: Scope) -> Any:
    """Return a statement with the conditions of scopes of this kind, whose ids are parameters (`Scope.values`).

    Raises ScopeMissing where the statement may not be asked in a scope of this kind.
    """
    if scope.reason:
        return statement
    _refuse(_scoped_models(statement), scope)
    options = [_OF_PRACTICE[scope.practice], *(_BY_PARAMETER[kind] for kind in sorted(scope.active))]
    if scope.partner is not None:
        options += _through_shares(bindparam("scope_partner", type_=BigId))
    return statement.options(*options)


def _refuse(wanted: list[tuple[type, frozenset[str]]], scope: Scope) -> None:
    refused = [model.__name__ for model, kinds in wanted if not _allowed(model, kinds, scope)]
    if refused:
        raise ScopeMissing(f"{', '.join(sorted(refused))}: say for whom (relay.models.scopes)")


def _bound_to(statement: Any, scope: Scope) -> Any:
    """Return the statement with the scope's conditions. Cached per statement, for those run again and again."""
    forms = _forms.setdefault(statement, {})
    if scope not in forms:
        if len(forms) >= FORMS:
            forms.clear()
        forms[scope] = statement.options(*scope.criteria)
    return forms[scope]


@event.listens_for(Session, "do_orm_execute")
def _bind(state: ORMExecuteState) -> None:
    if state.is_column_load or state.is_relationship_load:
        return
    if not (state.is_select or state.is_update or state.is_delete):
        return
    scope = current(state.session)
    if scope is not None and scope.reason:
        return
    wanted = _scoped_models(state.statement)
    if not wanted:
        return
    known = scope or Scope()
    _refuse(wanted, known)
    state.statement = _bound_to(state.statement, known)


@event.listens_for(Session, "before_flush")
def _own(session: Session, _context: Any, _instances: Any) -> None:
    """Give a new row the company in scope. Raises ScopeMissing where it names another."""
    scope = current(session)
    if scope is None or scope.reason or scope.company is None:
        return
    for row in session.new:
        if scope.practice and isinstance(row, Practisable):
            row.practice = True
        if isinstance(row, CompanyScoped):
            if row.company_id is None:
                row.company_id = scope.company
            elif row.company_id != scope.company:
                raise ScopeMissing(f"{type(row).__name__}: belongs to another company than the one in scope")
