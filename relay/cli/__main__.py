"""`python -m relay.cli …` does what `relay …` does, also before the script is installed."""

from relay.cli import main

main(prog_name="relay")
