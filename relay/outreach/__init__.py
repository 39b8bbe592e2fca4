"""Results told to candidates: a company's texts, drafts, whom to tell, sending, stopping, what must be ready first.

It decides through hiring and asks the outbox to send; the relay part of a mail comes from the network below.
"""
