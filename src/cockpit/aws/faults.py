"""What botocore and the network raise, in words for people: what happened, where, and what to do next."""

import asyncio
import re
from dataclasses import dataclass

from botocore import exceptions as boto

from cockpit.model.reading import Fault, FaultKind
from cockpit.model.text import clean

_EXPIRED = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "TokenRefreshRequired",
        "RequestExpired",
        "InvalidClientTokenId",
        "InvalidAccessKeyId",
        "UnrecognizedClientException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "AuthFailure",
    }
)
_CLOCK = frozenset({"RequestTimeTooSkewed", "InvalidSignatureException", "SignatureDoesNotMatch"})
_DENIED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "AuthorizationErrorException",
        "NotAuthorized",
        "UnauthorizedOperation",
        "UnauthorizedException",
        "OptInRequired",
    }
)
_THROTTLED = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestLimitExceeded",
        "TooManyRequestsException",
        "ProvisionedThroughputExceededException",
        "BandwidthLimitExceeded",
        "SlowDown",
        "PriorRequestNotComplete",
        "EC2ThrottledException",
    }
)
_NOT_FOUND = re.compile(r"NotFound|DoesNotExist|NoSuch|NonExistent", re.IGNORECASE)
# What the libraries say of their own objects tells an operator nothing, and its addresses differ each time.
_SSL_WORDS = re.compile(r" ssl:.*? \[")
_OBJECTS = re.compile(r"<[^<>]* object at 0x[0-9a-f]+>:? ?|AWSHTTPS?Connection(Pool)?\([^()]*\): ")
_SERVER_ERRORS = 500
_TOO_MANY = 429

_SIGN_IN_ERRORS = (
    boto.NoCredentialsError,
    boto.PartialCredentialsError,
    boto.CredentialRetrievalError,
    boto.TokenRetrievalError,
    boto.SSOError,
    boto.ProfileNotFound,
    boto.RefreshWithMFAUnsupportedError,
    boto.NoAuthTokenError,
)
_TIMEOUTS = (boto.ConnectTimeoutError, boto.ReadTimeoutError, asyncio.TimeoutError, TimeoutError)
_NETWORK = (boto.HTTPClientError, boto.ConnectionError, ConnectionError)
_SETTINGS = (
    boto.NoRegionError,
    boto.InvalidRegionError,
    boto.EndpointProviderError,
    boto.UnknownServiceError,
    boto.UnknownEndpointError,
    boto.ConfigParseError,
    boto.ConfigNotFound,
    boto.InvalidConfigError,
    boto.InfiniteLoopConfigError,
    boto.DataNotFoundError,
    boto.InvalidEndpointConfigurationError,
)


_UNANSWERED = (
    (
        (boto.ParamValidationError,),
        FaultKind.REJECTED,
        "the parameters are wrong: {said}",
        "Nothing was sent. Mend the plan or the configuration.",
    ),
    (
        _TIMEOUTS,
        FaultKind.UNREACHABLE,
        "no answer in time.",
        "Check the network and the region's health; the cockpit tries again.",
    ),
    (
        _NETWORK,
        FaultKind.UNREACHABLE,
        "{said}",
        "Check the network, VPN, proxy and the region's name; the cockpit tries again.",
    ),
    (
        _SETTINGS,
        FaultKind.REJECTED,
        "the AWS settings do not work: {said}",
        "Check region, profile and endpoint in cockpit.toml and the AWS configuration.",
    ),
)


@dataclass(frozen=True, slots=True)
class CallPlace:
    """The call that failed, as the words name it."""

    service: str
    operation: str
    region: str
    profile: str | None = None

    @property
    def words(self) -> str:
        """Return the call in words."""
        return f"{self.service} {self.operation} in {self.region}"


def fault_of(error: BaseException, place: CallPlace) -> Fault:
    """Return what went wrong in a call, in words."""
    if isinstance(error, boto.ClientError):
        return _answered(error, place)
    if isinstance(error, _SIGN_IN_ERRORS):
        return Fault(FaultKind.CREDENTIALS, f"Not signed in: {_text(error)}", renewal(place.profile, error))
    for kinds, kind, words, remedy in _UNANSWERED:
        if isinstance(error, kinds):
            said = _network_words(error) if kinds is _NETWORK else _text(error)
            return Fault(kind, f"{place.words}: {words.format(said=said)}", remedy)
    return unreadable(place, f"{type(error).__name__}: {_text(error)}")


def unreadable(place: CallPlace, why: str) -> Fault:
    """Return the fault of an answer that is not of the service's shape."""
    return Fault(
        FaultKind.UNREADABLE,
        f"{place.words}: the answer is not what the service sends: {why}",
        "Something between here and AWS may be answering in its place (proxy, sign-in page, wrong endpoint).",
    )


def renewal(profile: str | None, error: BaseException | None = None) -> str:
    """Return which command renews the credentials; the cockpit tries again by itself."""
    name = f" --profile {profile}" if profile else ""
    if isinstance(error, boto.ProfileNotFound):
        return f"Write the profile with `aws configure sso{name}`, or name another one in cockpit.toml."
    return f"In another terminal: aws sso login{name} (or renew keys your way); the cockpit tries again by itself."


def _answered(error: boto.ClientError, place: CallPlace) -> Fault:
    details = error.response.get("Error", {})
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) or 0)
    code = clean(details.get("Code", ""), 100)
    said = clean(details.get("Message", "") or details.get("message", ""), 600)
    message = f"{place.words}: {said or 'no reason given'} ({code})."
    kind, remedy = _kind_and_remedy(code, status, place)
    return Fault(kind, message, remedy, code)


def _kind_and_remedy(code: str, status: int, place: CallPlace) -> tuple[FaultKind, str]:
    clock = "Set this machine's clock (AWS refuses signatures that are minutes off), or check the keys."
    slow = "AWS limits the rate of calls; the cockpit waits longer and tries again."
    trouble = "The service itself has trouble; see the AWS Health Dashboard. The cockpit tries again."
    rules = (
        (code in _EXPIRED, FaultKind.CREDENTIALS, renewal(place.profile)),
        (code in _CLOCK, FaultKind.CREDENTIALS, clock),
        (code in _DENIED, FaultKind.DENIED, _permission(place) if code in _DENIED else ""),
        (code in _THROTTLED or status == _TOO_MANY, FaultKind.THROTTLED, slow),
        (_NOT_FOUND.search(code) is not None, FaultKind.NOT_FOUND, "Check the name, the region and the account."),
        (status >= _SERVER_ERRORS, FaultKind.SERVICE, trouble),
    )
    for applies, kind, remedy in rules:
        if applies:
            return kind, remedy
    return FaultKind.REJECTED, "Repeating the same call is pointless: change what it says."


def _permission(place: CallPlace) -> str:
    """Name the permission as IAM does (elbv2 is elasticloadbalancing there)."""
    from cockpit.aws.catalogue import shared_catalogue  # noqa: PLC0415 - IAM's lists are large, and denials are rare

    access = shared_catalogue().access(place.service, place.operation)
    action = access.action if access is not None else f"{place.service}:{place.operation}"
    return f"Use a role that allows {action}, or ask for the permission."


def _network_words(error: BaseException) -> str:
    inner = getattr(error, "kwargs", {}).get("error")
    endpoint = clean(getattr(error, "kwargs", {}).get("endpoint_url", ""), 200)
    reason = clean(_OBJECTS.sub("", _SSL_WORDS.sub(" [", str(inner if inner is not None else error))), 300)
    target = f"no connection to {endpoint}" if endpoint else "no connection"
    return f"{target}: {reason or type(error).__name__}."


def _text(error: BaseException) -> str:
    return clean(error, 600)
