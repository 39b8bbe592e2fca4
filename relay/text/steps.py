"""Names of steps of a selection, as files and people write them."""

INTERVIEW_WORDS = ("面接", "面談", "最終", "内定")
"""What the name of a step holds that is an interview, or comes behind one."""
