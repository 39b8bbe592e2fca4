"""Long forms of tests that have a short one in `make test`: by hand and before a release, with `make soak`."""
