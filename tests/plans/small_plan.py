"""A small sound plan as text, for tests that break it in one place."""

SMALL_PLAN = """\
id: shop/restart
title: Restart the shop
source:
  - {document: S0, title: Shop, lines: "1-2"}
severity: low
trigger:
  words: The shop hangs.
expected_behaviour: It comes back.
objectives: {}
authorization: {words: Anybody.}
inputs:
  cluster: {title: Cluster, default: "{{ scope.names.shop.cluster }}"}
  service: {title: Service, default: web}
targets: [the service]
locks: ["service {{ inputs.service }}"]
preflight:
  - id: service
    title: It is there
    read: ecs:DescribeServices
    params: {cluster: "{{ inputs.cluster }}", services: ["{{ inputs.service }}"]}
    expect: answer.services[0]
    otherwise: Not there.
    capture: {desired: "answer.services[0].desiredCount"}
communications:
  texts:
    - {phase: done, title: Done, basis: verbatim, text: "The shop is open.", source: ["S0:2"]}
steps:
  - id: stop
    title: Stop it
    why: It hangs.
    source: ["S0:1", "E-03"]
    effect: mutate
    halts:
      - {name: desired, what: it is stopped, value: preflight.service.desired, restored_by: start}
    aws:
      call: ecs:UpdateService
      params: {cluster: "{{ inputs.cluster }}", service: "{{ inputs.service }}", desiredCount: 0}
      capture: {arn: answer.service.serviceArn}
    verify:
      read: ecs:DescribeServices
      params: {cluster: "{{ inputs.cluster }}", services: ["{{ steps.stop.arn }}"]}
      until: answer.services[0].runningCount == `0`
  - id: start
    title: Start it
    why: Stopped shops sell nothing.
    source: ["S0:1"]
    effect: mutate
    aws:
      call: ecs:UpdateService
      params:
        cluster: "{{ inputs.cluster }}"
        service: "{{ inputs.service }}"
        desiredCount: "{{ run.halted.desired }}"
      reconcile:
        how: declared
        read: ecs:DescribeServices
        params: {cluster: "{{ inputs.cluster }}", services: ["{{ steps.stop.arn }}"]}
        done_when: answer.services[0].desiredCount == run.halted.desired
  - id: tell
    title: Tell
    why: They wait.
    source: ["S0:2"]
    effect: read
    post_status: {phase: done}
deviations:
  - {id: E-03, source_says: a, plan_does: b, why: c}
"""

SEEDS = {"S0": ("The shop hangs: restart.", '1. Say "The shop is open."', "")}
