"""What people may ask of us, and what we promised: retention and erasure."""
