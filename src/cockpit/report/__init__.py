"""Folds over journals for people: what happened in a run."""
