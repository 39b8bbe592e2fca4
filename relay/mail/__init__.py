"""Mail: the letters the product knows, the outbox they wait in, how they are sent, and who asked for no more.

The room that owns a subject declares its letter and asks for others by what they declare, never by their names. Jobs of
the worker and deliveries of events are kept here too, beside the mails.
"""
