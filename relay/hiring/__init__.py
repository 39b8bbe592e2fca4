"""Positions, the applications for them, how far each got, and the decision that ends it.

It may read and date the candidates below, and knows nothing of searches, bulk actions or results above.
"""
