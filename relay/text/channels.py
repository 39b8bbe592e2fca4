"""Channels of an application (応募経路), as files and people write them."""

REFERRAL_CHANNELS = ("リファラル", "リファラル採用", "リファーラル", "社員紹介", "社員の紹介", "referral", "Referral")
"""Those that mean that somebody passed the position on."""
