"""A person's record as plain text, to be copied into another system by one press or by hand."""

from flask_babel import format_date
from flask_babel import gettext as _

from relay import clock
from relay.network import profiles
from relay.network.sharing import SharedPerson


def as_text(person: SharedPerson) -> str:
    """Return what the page shows of the person, a line for each item; what is empty is left out."""
    since, until = (moment.astimezone(clock.JAPAN).date() for moment in (person.since, person.until))
    facts = {code: getattr(person, code) for code in profiles.ITEMS}
    lines = [
        (_("照会番号"), person.code),
        *profiles.item_values(facts),
        (_("登録日"), format_date(since, "long")),
        (_("期限"), format_date(until, "long")),
        (_("案内を送った企業"), _("、").join(source.name for source in person.sources)),
        (_("内容の時点"), format_date(person.as_of, "long")),
    ]
    return "\n".join(f"{label}：{value}" for label, value in lines)
