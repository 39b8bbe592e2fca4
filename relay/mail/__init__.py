"""Mail: the letters the product knows, the outbox they wait in, how they are sent, and who asked for no more.

The room that owns a subject registers its letter here; that an application gets one result mail is the outbox's own
rule (invariant 6). Jobs of the worker and deliveries of events are kept here too, beside the mails.
"""
