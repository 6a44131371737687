"""The configuration file: TOML to a checked Config, and the folders the cockpit uses."""
