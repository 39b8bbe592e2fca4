"""/templates: the texts that result mails are written from."""
