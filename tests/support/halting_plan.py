"""A short plan over SyncWell's workers that halts two things and leaves them halted, for runs by the real program."""

from pathlib import Path
from typing import Any

import boto3

from cockpit.sim.process import Simulator

HALTING_PLAN = """\
id: rehearsal/halt
title: Halt the workers
source:
  - {document: S0, title: Rehearsal, lines: "1-9"}
severity: low
trigger: {words: A rehearsal.}
expected_behaviour: They stop.
objectives: {rto: PT1H}
authorization: {words: Anybody.}
inputs:
  cluster: {title: Cluster, default: "{{ scope.names.syncwell.cluster }}"}
  service: {title: Service, default: "{{ scope.names.syncwell.service }}"}
targets: [the workers]
locks: ["service {{ inputs.service }}"]
communications: {texts: []}
steps:
  - id: fleet
    title: Read the fleet
    why: To put it back.
    source: ["S0:1"]
    effect: read
    aws:
      call: ecs:DescribeServices
      params: {cluster: "{{ inputs.cluster }}", services: ["{{ inputs.service }}"]}
      capture: {desired: "answer.services[0].desiredCount"}
  - id: scaling
    title: Read the scaling
    why: To put it back.
    source: ["S0:1"]
    effect: read
    aws:
      call: application-autoscaling:DescribeScalableTargets
      params: {ServiceNamespace: ecs}
      capture: {minimum: "answer.ScalableTargets[0].MinCapacity"}
  - id: suspend
    title: Take the minimum off
    why: It would start them again.
    source: ["S0:1"]
    effect: mutate
    halts:
      - {name: minimum, what: the workers' minimum is 0, value: steps.scaling.minimum}
    aws:
      call: application-autoscaling:RegisterScalableTarget
      params:
        ServiceNamespace: ecs
        ResourceId: "service/{{ inputs.cluster }}/{{ inputs.service }}"
        ScalableDimension: ecs:service:DesiredCount
        MinCapacity: 0
      reconcile:
        how: declared
        read: application-autoscaling:DescribeScalableTargets
        params: {ServiceNamespace: ecs}
        done_when: answer.ScalableTargets[0].MinCapacity == `0`
        unchanged_when: answer.ScalableTargets[0].MinCapacity == steps.scaling.minimum
    undo:
      words: Put the minimum back.
      aws:
        call: application-autoscaling:RegisterScalableTarget
        params:
          ServiceNamespace: ecs
          ResourceId: "service/{{ inputs.cluster }}/{{ inputs.service }}"
          ScalableDimension: ecs:service:DesiredCount
          MinCapacity: "{{ run.halted.minimum }}"
  - id: stop
    title: Stop the workers
    why: They do harm.
    source: ["S0:1"]
    effect: mutate
    halts:
      - {name: desired, what: the workers are scaled to 0, value: steps.fleet.desired}
    aws:
      call: ecs:UpdateService
      params: {cluster: "{{ inputs.cluster }}", service: "{{ inputs.service }}", desiredCount: 0}
      reconcile:
        how: declared
        read: ecs:DescribeServices
        params: {cluster: "{{ inputs.cluster }}", services: ["{{ inputs.service }}"]}
        done_when: answer.services[0].desiredCount == `0`
        unchanged_when: answer.services[0].desiredCount == steps.fleet.desired
    undo:
      words: Scale them up again.
      aws:
        call: ecs:UpdateService
        params:
          cluster: "{{ inputs.cluster }}"
          service: "{{ inputs.service }}"
          desiredCount: "{{ run.halted.desired }}"
  - id: look
    title: Look
    why: Somebody has to.
    source: ["S0:1"]
    effect: read
    checklist: {items: [{id: seen, text: The workers are gone}]}
"""


def halting_plan(folder: Path) -> Path:
    """Write the plan into a folder and return its path."""
    path = folder / "halt.yaml"
    path.write_text(HALTING_PLAN)
    return path


class Workers:
    """The workers that the plan halts, asked and set by an ordinary client."""

    def __init__(self, simulator: Simulator) -> None:
        keys = {"aws_access_key_id": "simulated", "aws_secret_access_key": "simulated", "region_name": "us-east-1"}
        self._ecs: Any = boto3.client("ecs", endpoint_url=simulator.endpoint, **keys)
        self._scaling: Any = boto3.client("application-autoscaling", endpoint_url=simulator.endpoint, **keys)

    def put_back(self) -> None:
        """Give them the size and the minimum they have in the scenario, and let nobody else change it."""
        kinds = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")
        self._scaling.register_scalable_target(
            ServiceNamespace="ecs",
            ScalableDimension="ecs:service:DesiredCount",
            ResourceId="service/syncwell/syncwell-worker",
            MinCapacity=4,
            SuspendedState=dict.fromkeys(kinds, True),
        )
        self._ecs.update_service(cluster="syncwell", service="syncwell-worker", desiredCount=4)

    def now(self) -> tuple[int, int]:
        """Return the desired count and the minimum."""
        service = self._ecs.describe_services(cluster="syncwell", services=["syncwell-worker"])["services"][0]
        target = self._scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"][0]
        return service["desiredCount"], target["MinCapacity"]
