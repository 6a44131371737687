"""Everything on screen while a plan runs."""
