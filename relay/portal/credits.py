"""The free introductions a company earned (紹介枠)."""
