"""``python -m cockpit`` is the same program as ``cockpit``."""

from cockpit.cli.program import program

if __name__ == "__main__":
    program()
