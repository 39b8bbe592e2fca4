"""Machines of a company or a partner: keys, answers kept for a repeated request, webhooks, connectors.

It calls the verbs of the rooms below as pages do, and adds no rule of its own to them.
"""
