"""Telling people: a company's texts, whom to tell, writing results, sending and stopping them."""
