"""The rights of people and our promises to them: requests about their data, and erasure on request or on the last day.

It may reach every table below, by what each declares of erasure, and no room but the surfaces calls it.
"""
