"""The deployment services over HTTP, by the asynchronous client that the cockpit uses."""

from contextlib import AsyncExitStack, contextmanager
from threading import Thread

import pytest
from aiobotocore.session import get_session
from botocore.exceptions import ClientError
from stage import CLUSTER, SERVICE

from cockpit.sim.server import listen

pytestmark = pytest.mark.simulator


@contextmanager
def served(stage):
    """Serve a stage on a free port; give the endpoint's URL."""
    server = listen(stage.front)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()


async def test_blobs_headers_and_errors_survive_the_wire(stage):
    """Bodies, headers and error types travel apart: each can be lost where an in-process call would not notice."""
    stage.create_service()
    stage.create_alarm()
    stage.create_group()
    deployment = stage.deploy(stage.task_definitions[1])
    stage.go(90)
    with served(stage) as endpoint:
        async with AsyncExitStack() as stack:

            async def client(service):
                made = get_session().create_client(
                    service,
                    region_name="us-east-1",
                    endpoint_url=endpoint,
                    aws_access_key_id="any",
                    aws_secret_access_key="any",  # noqa: S106 - the simulator takes any
                )
                return await stack.enter_async_context(made)

            appconfig, codedeploy, ecs = await client("appconfig"), await client("codedeploy"), await client("ecs")
            application = {"ApplicationId": (await appconfig.create_application(Name="syncwell"))["Id"]}
            profile = await appconfig.create_configuration_profile(**application, Name="runtime", LocationUri="hosted")
            of_profile = {**application, "ConfigurationProfileId": profile["Id"]}
            content = b'{"table": "\xc3\xa9"}\x00'
            await appconfig.create_hosted_configuration_version(
                **of_profile, Content=content, ContentType="application/octet-stream", LatestVersionNumber=0
            )
            version = await appconfig.get_hosted_configuration_version(**of_profile, VersionNumber=1)
            assert await version["Content"].read() == content
            assert version["VersionNumber"] == 1
            described = await ecs.describe_services(cluster=CLUSTER, services=[SERVICE])
            assert described["services"][0]["runningCount"] == 6
            info = (await codedeploy.get_deployment(deploymentId=deployment))["deploymentInfo"]
            assert info["status"] == "InProgress"
            with pytest.raises(ClientError) as refused:
                await codedeploy.get_deployment(deploymentId="d-NONE")
            assert refused.value.response["Error"]["Code"] == "DeploymentDoesNotExistException"
            with pytest.raises(ClientError) as missing:
                await appconfig.list_extensions()
            assert missing.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
            assert missing.value.response["ResponseMetadata"]["RetryAttempts"] == 0
