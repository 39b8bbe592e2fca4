"""/practice and /live: trying everything without a mail leaving, then sending in earnest."""
