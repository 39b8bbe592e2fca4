"""Ada's desk for the results pages: people to tell, and the acts of writing and telling as a browser does them."""

import re
from dataclasses import dataclass

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from relay import clock
from relay.models import Application, ApplicationResult, Message, MessageState, Position, RejectionReason, scopes
from relay.outreach import templates
from relay.outreach.templates import TemplateText
from tests.cast import Cast, make_application, make_candidate, make_position


@dataclass
class Desk:
    """A recruiter's browser, and the database behind it."""

    session: Session
    cast: Cast
    browser: FlaskClient

    def people(self, count: int, **values: object) -> list[Application]:
        """So many people of Acme whose selection is open, each with an address."""
        made = []
        for number in range(count):
            candidate = make_candidate(
                self.session, self.cast.acme, f"候補 {number}番", email=f"p{number}@mail.example"
            )
            made.append(make_application(self.session, candidate, self._position(), **{"stage": "一次面接"} | values))
        self.session.commit()
        return made

    def decided(self, count: int, **values: object) -> list[Application]:
        """So many people who are rejected, and whom nobody has told."""
        known = {"status": ApplicationResult.REJECTED, "decided_on": clock.today(), "reason": RejectionReason.SKILLS}
        return self.people(count, **known | values)

    def ask(self, applications: list[Application]) -> str:
        """Tick them and start to write; the page asks first where somebody is in selection. Returns its address."""
        answer = self.browser.post("/results/drafts", data={"id": [str(each.id) for each in applications]})
        assert answer.status_code == 303, answer.text
        return answer.location

    def begin(self, applications: list[Application]) -> str:
        """Tick them, confirm those in selection, and start to write; returns the address of the writing page."""
        page = self.ask(applications)
        asked = self.browser.get(page).location
        return self.reject(asked) if asked else page

    def reject(self, asked: str) -> str:
        """Confirm, with the reason that stands there or one that is chosen, whoever would be rejected."""
        shown = self.browser.get(asked).text
        count = re.findall(r'name="people" value="(\d+)"', shown)[0]
        reason = re.findall(r'<option value="(\w+)" selected>', shown) or ["skills"]
        answer = self.browser.post(asked, data={"people": count, "number": count, "reason": reason[0]})
        assert answer.status_code == 303, answer.text
        return answer.location

    def rows(self, page: str) -> list[int]:
        """The drafts on a writing page, in its order."""
        return [int(id_) for id_ in re.findall(r'name="remark-(\d+)"', self.browser.get(page).text)]

    def save(self, page: str, **typed: str) -> TestResponse:
        """Post the form with what every row holds already, and what was typed now."""
        form = {f"remark-{id_}": "" for id_ in self.rows(page)} | {"reason": "skills"}
        return self.browser.post(page, data=form | {name.replace("__", "-"): text for name, text in typed.items()})

    def tell(self, page: str, count: int) -> TestResponse:
        """Confirm and send."""
        return self.browser.post(f"{page}/tell", data={"people": str(count)})

    def told(self, applications: list[Application]) -> str:
        """Write and send to all of them; returns the page it was written on."""
        page = self.begin(applications)
        assert self.save(page, go="confirm").location == f"{page}/confirm"
        assert self.tell(page, len(applications)).status_code == 303
        return page

    def messages(self, *states: MessageState) -> list[Message]:
        """Acme's mails, in order; drafts left out unless asked for."""
        self.session.expire_all()
        with scopes.company(self.session, self.cast.acme.id):
            found = self.session.scalars(select(Message).order_by(Message.id)).all()
        return [each for each in found if (each.state in states if states else each.state is not MessageState.DRAFT)]

    def again(self, application: Application) -> Application:
        """The application as it is now."""
        with scopes.company(self.session, self.cast.acme.id):
            wanted = select(Application).where(Application.id == application.id)
            return self.session.scalars(wanted.execution_options(populate_existing=True)).one()

    def text(self, name: str) -> TemplateText:
        """A template by its name."""
        with scopes.company(self.session, self.cast.acme.id):
            return next(text for text in templates.listed(self.session) if text.name == name)

    def _position(self) -> Position:
        with scopes.company(self.session, self.cast.acme.id):
            known = self.session.scalars(select(Position).where(Position.title == "生産技術")).first()
        return known or make_position(self.session, self.cast.acme, "生産技術")
