"""`rumstream up`: runs the same commands as production does, in order, watches them and stops them in time."""
