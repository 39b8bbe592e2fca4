"""What a company answers for in public: its purposes and its privacy text, in versions, and records of provision."""
