"""The worker: sends what is due, does the jobs, hands events to who must react. `relay worker` runs it.

The rooms named here register their letters, jobs and consumers when they are imported.
"""

from relay.identity import invitation_letters as _invitations  # noqa: F401
from relay.identity import security_letters as _security  # noqa: F401
from relay.intake import arrival as _arrival  # noqa: F401
from relay.intake import later as _intake  # noqa: F401
from relay.network import figures as _figures  # noqa: F401
from relay.network import letters as _network  # noqa: F401
from relay.network import licences as _licences  # noqa: F401
from relay.network import mailboxes as _mailboxes  # noqa: F401
from relay.network import own_page_links as _own_page_links  # noqa: F401
from relay.network import partner_letters as _partners  # noqa: F401
from relay.network import pins as _pins  # noqa: F401
from relay.outreach import letter as _outreach  # noqa: F401
from relay.pool.acts import portions as _pool  # noqa: F401
from relay.pool.duplicates import jobs as _duplicates  # noqa: F401
from relay.pool.files import words as _files  # noqa: F401
from relay.rights import jobs as _rights  # noqa: F401
from relay.worker.loop import Worker

__all__ = ["Worker"]
