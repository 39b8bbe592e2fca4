"""Made-up pools with copies of people in them, and how well and fast the copies are found."""
