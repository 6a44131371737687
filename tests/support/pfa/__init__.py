"""A tiny PFA Vanguard: a real application under real tools, for the plans of the system `pfa`."""
