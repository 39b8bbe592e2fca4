"""The record of one candidate: the timeline of all that happened, the sidebar, and the visits to it.

It reads what the rooms below have written of one candidate, and changes nothing but the visit it notes.
"""
