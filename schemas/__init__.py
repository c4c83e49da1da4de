"""The vocabulary every room shares: typed records, names and numbers, no I/O."""
