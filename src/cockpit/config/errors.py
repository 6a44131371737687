"""What is wrong with the configuration, in words."""


class ConfigError(Exception):
    """The configuration cannot be used. The text is for people and starts with file and line where there is one."""
