"""Mail: the letters the product knows, the outbox they wait in, how they are sent, and who asked for no more.

The room knows nothing of what letters are about: the room that owns a subject declares its letter, and asks for others
by what they declare, never by their names.
"""
