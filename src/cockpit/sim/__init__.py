"""Simulated AWS with time and history, a child process on 127.0.0.1."""
