"""How a service module adds or replaces operations on moto's response classes.

moto finds an operation by its snake_case name on the service's response class and can parse parameters and serialise
answers by botocore's own model. A handler here is a plain function from `Request` to the answer's members.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from moto.core.common_types import TYPE_RESPONSE
from moto.core.responses import ActionContext, BaseResponse
from moto.core.responses import ActionResult as MotoResult
from moto.core.serialize import DefaultAttributePicker
from moto.core.utils import camelcase_to_underscores


@dataclass(frozen=True, slots=True)
class Request:
    """What a handler gets to know of a call: region and account it is for, and its parsed parameters.

    Attributes:
        params: parameters as botocore's input shape names them; times are `datetime`, bytes are `bytes`.
        principal: ARN of the caller.
    """

    region: str
    account: str
    params: dict[str, Any]
    principal: str


Handler = Callable[[Request], dict[str, Any]]


class ActionResult(MotoResult):
    """An answer whose members have exactly the names of the output shape.

    moto would try half a dozen spellings of each name, which makes a page of alarms three times as slow.
    """

    def execute_result(self, context: ActionContext) -> TYPE_RESPONSE:
        """Serialise the answer in the protocol of the request."""
        serializer = context.serializer_class(
            operation_model=context.operation_model, value_picker=DefaultAttributePicker()
        )
        done = serializer.serialize(self.result)
        return done["status_code"], dict(done["headers"]), done["body"]


def add_operation(response_class: type[BaseResponse], operation: str, handler: Handler) -> None:
    """Let `handler` answer an operation, given by its API name, in place of moto's own method, if there is one."""

    def method(self: BaseResponse) -> ActionResult:
        self.parse_parameters(self.normalized_request)
        principal = f"arn:aws:iam::{self.current_account}:root"
        request = Request(self.region, self.current_account, dict(self.params), principal)
        return ActionResult(handler(request))

    name = camelcase_to_underscores(operation)
    method.__name__ = name
    setattr(response_class, name, method)


def add_operations(response_class: type[BaseResponse], handlers: dict[str, Handler]) -> None:
    """Add several operations at once, by their API names."""
    for operation, handler in handlers.items():
        add_operation(response_class, operation, handler)


_ORIGINALS: dict[tuple[type, str], Any] = {}


def wrap(owner: type, name: str, around: Callable[..., Any]) -> None:
    """Let `around(original, self, …)` take the place of a method of one of moto's classes.

    The original is remembered, so that wrapping again replaces the wrapper instead of wrapping it.
    """
    original = _ORIGINALS.setdefault((owner, name), getattr(owner, name))

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return around(original, self, *args, **kwargs)

    setattr(owner, name, method)
