"""Incident cockpit: watch an AWS service, pick the recovery plan that fits, run it step by step."""

__version__ = "0.1.0"
