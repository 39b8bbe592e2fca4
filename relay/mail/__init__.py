"""Mail: the letters the product knows, the outbox they wait in, how they are sent, and who asked for no more.

The room that owns a subject declares its letter above and asks for others by what they declare, never by their names;
this room touches messages, batches, mail servers, tokens and opt-outs.
"""
