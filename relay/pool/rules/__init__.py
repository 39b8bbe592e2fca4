"""Rules that tag people and set their follow-up by themselves: managing them, applying them, and what they have
applied."""
