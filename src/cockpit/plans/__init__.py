"""Plan files: YAML to a checked Plan. Reads files, calls nothing."""
