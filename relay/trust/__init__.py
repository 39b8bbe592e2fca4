"""What can be proven later: records of provision to third parties."""
