"""One person's record: what is written down about them, what happened, memos, their wishes, and who looked."""
