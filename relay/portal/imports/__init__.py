"""/pool/import: files of candidates, from the upload to the rows taken."""
