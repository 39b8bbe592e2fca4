"""The company portal: what HR sees. Everything here is read in the signed-in person's company."""

from relay.access import members_only, surface

portal = surface("portal", __name__, guard=members_only)

from relay.portal import (  # noqa: E402,F401  (views register on the surface above)
    acts,
    applications,
    bulk,
    credits,
    elsewhere,
    home,
    import_columns,
    imports,
    live,
    member,
    messages,
    person,
    pool,
    pool_search,
    positions,
    practice,
    record,
    record_contact,
    record_files,
    results,
    saved_searches,
    sending,
    settings,
    settings_mail,
    settings_members,
    settings_operator,
    settings_partners,
    settings_privacy,
    settings_roles,
    settings_security,
    setup,
    shell,
    tags,
    templates,
    writing,
)
