"""How people come in: files are read here, row by row, before anything is written."""
