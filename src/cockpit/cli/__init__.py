"""Commands. Each one imports what it needs inside itself, to start fast."""
