"""AppConfig's data plane: how an application fetches what is deployed."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

from cockpit.sim.appconfig_model import AppConfigModel
from cockpit.sim.errors import AwsError
from cockpit.sim.operations import Handler, Request

DEFAULT_POLL_SECONDS = 60


@dataclass(frozen=True, slots=True)
class _Session:
    """What a token stands for; `seen` is the version that the client already has, 0 for none."""

    identity: str
    application: str
    environment: str
    profile: str
    every: int
    seen: int = 0


class SessionApi:
    """The operations, each a function from request to answer. A token is good for one call."""

    def __init__(self, model: AppConfigModel, share_of: Callable[[str], float]) -> None:
        self._model = model
        self._share_of = share_of
        self._sessions: dict[str, _Session] = {}
        self._numbers = count(1)

    def handlers(self) -> dict[str, Handler]:
        """Return the operations by API name."""
        return {
            "StartConfigurationSession": self.start_session,
            "GetLatestConfiguration": self.get_latest,
        }

    def start_session(self, request: Request) -> dict[str, Any]:
        """Open a session for one profile in one environment."""
        params = request.params
        application = self._model.application(request.region, params["ApplicationIdentifier"])
        environment = application.environment(params["EnvironmentIdentifier"])
        profile = application.profile(params["ConfigurationProfileIdentifier"])
        session = _Session(
            f"session-{next(self._numbers)}",
            application.application_id,
            environment.environment_id,
            profile.profile_id,
            params.get("RequiredMinimumPollIntervalInSeconds", DEFAULT_POLL_SECONDS),
        )
        return {"InitialConfigurationToken": self._keep(session)}

    def get_latest(self, request: Request) -> dict[str, Any]:
        """Give the configuration that is live for this session, empty if the client has it already."""
        session = self._sessions.pop(request.params["ConfigurationToken"], None)
        if session is None:
            raise AwsError("BadRequestException", "Request token is invalid, or was used before.")
        application = self._model.application(request.region, session.application)
        profile = application.profile(session.profile)
        version = application.environment(session.environment).served(profile, self._share_of(session.identity))
        if version is None:
            raise AwsError("ResourceNotFoundException", "The configuration was never deployed to the environment.")
        answer: dict[str, Any] = {
            "NextPollIntervalInSeconds": session.every,
            "ContentType": version.content_type,
            "Configuration": b"" if version.number == session.seen else version.content,
        }
        if version.label and answer["Configuration"]:
            answer["VersionLabel"] = version.label
        following = _Session(
            session.identity, session.application, session.environment, session.profile, session.every, version.number
        )
        return {**answer, "NextPollConfigurationToken": self._keep(following)}

    def _keep(self, session: _Session) -> str:
        token = f"token-{session.identity}-{next(self._numbers)}"
        self._sessions[token] = session
        return token
