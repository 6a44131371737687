"""The screen walk: plans run to their end in a real terminal, every frame kept and looked at."""
