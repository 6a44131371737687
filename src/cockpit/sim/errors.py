"""Errors that a simulated service answers with."""

from typing import Any

from moto.core.exceptions import ServiceException


class AwsError(ServiceException):
    """An error of the service's own model; moto turns it into the protocol's form with the model's status code.

    Attributes:
        code: shape name or error code, for example ``TableNotFoundException``.
        message: a sentence, as AWS would write it.
    """

    def __init__(self, code: str, message: str, **members: Any) -> None:
        super().__init__(code, message)
        for name, value in members.items():
            setattr(self, name, value)


class NotSimulated(Exception):
    """The call, or something it asks for, is not simulated. Answered as a 4xx, so no client retries it."""


class ServiceDown(Exception):
    """The service cannot do it because something that it needs is down. Answered as HTTP 500, which clients retry.

    Attributes:
        code: error code of the service for it, for example ``InternalServerError``.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
