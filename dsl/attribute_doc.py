"""What each attribute is for, in a sentence: what the editor shows beside the tables' types.

The texts stand by block, since a `timeout` of a pipeline is another thing than one of a stage.
A test holds that each attribute of `konductor.dsl.attributes` has one.
"""

from collections.abc import Mapping

_STAGE = {
    "image": "The container image that the stage's pods run; required.",
    "run": "A shell script that each pod runs; a body that starts with `#!` runs as a file.",
    "command": "The program that each pod runs instead of the image's own, word by word.",
    "args": "Arguments for `command`, or for the image's own program.",
    "shell": 'What runs a `run` script, `["/bin/sh", "-ec"]` unless set.',
    "workdir": "The working directory of the program; the image's own unless set.",
    "env": "Environment variables by name: how values reach a script.",
    "env_from": "Secrets and ConfigMaps whose keys all become environment variables.",
    "replicas": "How many pods run the program, 1 unless set; the barrier expects each of them.",
    "parallelism": "How many pods run at the same time; all of them unless set.",
    "quorum": "How many arrivals open the stage's barrier, as a number or a share; all unless set.",
    "allow_failures": "How many pods may fail, as a number or a share; the quorum is the rest.",
    "timeout": "The stage's own budget: queueing, retries and waiting for permits count.",
    "attempt_timeout": "How long one attempt of one pod may take before it counts as failed.",
    "retries": "How often a failed pod is tried again; short for `retry { limit = N }`.",
    "retry": "How often, how soon and after which exit codes a failed pod is tried again.",
    "stragglers": "What becomes of pods that still run when the quorum is there.",
    "on_fail": 'Whether a failure of this stage makes the run red; `"continue"` keeps it green.',
    "acquire": "Semaphores of which each pod holds a permit while it runs.",
    "arrive": "Further barriers at which each pod arrives when it is done.",
    "barriers": "Barriers at which the program meets others in the middle of its script.",
    "daemon": "Whether the pods are services: they arrive when ready, and are stopped at the end.",
    "ready": "How a daemon is known to be ready.",
    "resources": "What each pod asks of its node.",
    "mounts": "Volumes, secrets and config files by the path at which the program sees them.",
    "matrix": "Axes whose product is run: one cell for each combination.",
    "service_account": "The Kubernetes service account that the pods run as.",
    "image_pull_secrets": "Secrets with which images are pulled from private registries.",
    "node_selector": "Labels that a node must have to run the pods.",
    "tolerations": "Taints of nodes that the pods put up with.",
    "priority": "The priority class of the pods.",
    "labels": "Labels that the stage's objects and pods carry besides koncli's own.",
    "annotations": "Annotations that the stage's objects and pods carry besides koncli's own.",
    "pod": "A merge patch for the pods' manifest: the last resort.",
    "queue": "The Kueue queue that admits the stage's Jobs.",
}

DOCS: Mapping[str, Mapping[str, str]] = {
    "pipeline": {
        "namespace": "The namespace that a run lives in; the context's own unless set.",
        "workspace": "A volume that all pods share: `$KON_WORKSPACE` is the run's folder in it.",
        "hooks": 'Who notices arrivals: a container in each pod, or the Job alone with `"job"`.',
        "gate": "What keeps a stage from starting early: a suspended Job, or its pods' first step.",
        "timeout": "The budget of the whole run, `finally` not counted.",
        "on_failure": "What an unhandled failure does to the rest of the run.",
        "cleanup": "After which runs the objects are deleted.",
        "ttl": "How long the objects of an ended run are kept.",
        "labels": "Labels that every object of a run carries.",
        "defaults": "Attributes that every stage of the pipeline starts from.",
    },
    "stage": _STAGE,
    "retry": {
        "limit": "How often a failed pod is tried again.",
        "backoff": "How long to wait before the first new attempt.",
        "factor": "By how much each wait is longer than the one before.",
        "max": "The longest wait between two attempts.",
        "on_exit": "The only exit codes that are tried again.",
        "not_on_exit": "Exit codes that are final; all others are tried again.",
    },
    "resources": {
        "cpu": "CPU cores, such as `2` or `0.5`.",
        "memory": "Memory, such as `2Gi`.",
        "gpu": "GPUs, as a whole number.",
    },
    "ready": {
        "tcp": "Ready once this port takes connections.",
        "http": "Ready once this address answers a GET with success.",
        "exec": "Ready once this command ends with 0.",
        "every": "How often to look.",
    },
    "matrix": {
        "exclude": "Leaves out the cells that have all of these values.",
        "include": "Adds a cell of its own.",
    },
    "barrier": {
        "name": "The name of the Barrier object, as written; `<run>-<name>` unless set.",
        "external": "Whether the Barrier is there already: neither created nor owned by this run.",
        "outsiders": "Whether processes outside of the pipeline arrive too.",
        "reuse": "Whether an external barrier that has ended already may be used as it is.",
        "expected": "How many processes meet here; the number of probes if there are any.",
        "quorum": "How many arrivals open the barrier, as a number or a share; all unless set.",
        "timeout": "How long the barrier waits for its quorum once its clock has started.",
        "on_timeout": "Whether a barrier that times out fails, or is skipped.",
        "probe": "Arrives for something outside of the pipeline as soon as it answers.",
    },
    "probe": {
        "http": "Arrives once this address answers a GET with success.",
        "tcp": "Arrives once this host and port take connections.",
        "exec": "Arrives once this command ends with 0.",
        "ready": "Arrives once this Kubernetes object is ready, such as `deployment/api`.",
        "every": "How often to look.",
    },
    "approval": {
        "message": "What the people who are asked get to read.",
        "approvers": "Who may approve: users, and groups as `group:name`.",
        "required": "How many of them must, 1 unless set.",
        "timeout": "How long to wait for them.",
        "on_timeout": "Whether an approval that nobody gives fails, or is skipped.",
    },
    "semaphore": {
        "permits": "How many pods may hold a permit at once; required.",
        "name": "The name of the Semaphore object, so that several pipelines can share it.",
        "lease": "How long a permit outlives a pod that is lost.",
    },
    "gate": {
        "conditions": "What must hold before the run starts.",
        "timeout": "How long to wait for that.",
        "latch": "Whether a condition that held once is not asked again.",
    },
}
"""By block, then by attribute."""


def doc_of(block: str, attribute: str) -> str:
    """Return what an attribute is for; empty where nobody has written it down.

    >>> doc_of("resources", "cpu")
    'CPU cores, such as `2` or `0.5`.'
    """
    return DOCS.get(block, {}).get(attribute, "")
