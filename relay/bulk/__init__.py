"""Acts on many candidates at once and their undo: tags, follow-ups, rules that tag by themselves, the history of it.

Each act is a class that applies itself and says what undo needs; whom it is about is found by the room of searches.
"""
