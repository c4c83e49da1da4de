"""What it costs and how fast it is, measured on the machine at hand."""
