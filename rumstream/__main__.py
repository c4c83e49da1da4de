"""`python -m rumstream`, the same as the command `rumstream`."""

from rumstream.cli import app

if __name__ == "__main__":
    app()
