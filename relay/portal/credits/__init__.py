"""/credits: the credits of introductions, and the way to the next one."""
