"""Guards of surfaces: the way in, the tenant of a request, permissions, proofs, limits and CSRF values.

It knows views by the marks they put on themselves and names no surface; it may use every capability room below.
"""
