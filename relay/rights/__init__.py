"""The rights of people and our promises to them: retention, requests and erasure.

It may reach every table below, by what each declares of erasure, and no room but the surfaces calls it.
"""
