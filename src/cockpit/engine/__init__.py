"""Runs a plan: journal, fold, step loop, actions. Knows no screen."""
