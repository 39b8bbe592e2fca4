"""Rules that tag people and set their exit by themselves: the book of them, whom they look at, and what they leave."""
