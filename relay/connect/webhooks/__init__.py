"""Webhooks (Standard Webhooks): addresses of companies, messages made of events, and the tries to bring them there.

`endpoints` and `messages` hold the verbs, for pages and programs alike; `sending` is what the worker does.
"""
