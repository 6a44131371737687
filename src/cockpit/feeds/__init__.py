"""Polls AWS for the watch panes and keeps the latest readings."""
