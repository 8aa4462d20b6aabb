"""``podFailurePolicy`` and ``successPolicy`` of a Job. Pure."""

from dataclasses import dataclass

from konductor.api.meta import Json, json_list, json_map
from konductor.runner.local.controllers.job_indexes import parse_indexes
from konductor.runner.local.controllers.job_model import Job, JobPod


@dataclass(frozen=True, slots=True)
class Match:
    """What the policy says of a failed pod; without a rule that matches it counts."""

    action: str = "Count"
    message: str = ""
    """For FailJob: why."""

    @property
    def counts(self) -> bool:
        """Return whether the failure counts against the limits."""
        return self.action != "Ignore"


def match_failure(job: Job, pod: JobPod) -> Match:
    """Return what the first rule that matches says of a failed pod."""
    for number, rule in enumerate(job.failure_rules):
        if why := _why(rule, pod):
            action = str(rule.get("action"))
            return Match(action, f"{why} matching {action} rule at index {number}")
    return Match()


def match_success(job: Job, succeeded: frozenset[int]) -> str:
    """Return which rule of the successPolicy is met, or an empty string."""
    if not succeeded:
        return ""
    for number, rule in enumerate(job.success_rules):
        count = rule.get("succeededCount")
        if "succeededIndexes" in rule:
            wanted = parse_indexes(str(rule["succeededIndexes"]), job.completions or 0)
            have = len(wanted & succeeded)
            met = bool(wanted) and (have == len(wanted) or (count is not None and have >= count))
        else:
            met = count is not None and len(succeeded) >= count
        if met:
            return f"Matched rules at index {number}"
    return ""


def _why(rule: Json, pod: JobPod) -> str:
    status = json_map(pod.document.get("status"))
    key = f"{pod.meta.namespace}/{pod.meta.name}"
    if requirement := json_map(rule.get("onExitCodes")):
        for member in ("containerStatuses", "initContainerStatuses"):
            for container in map(json_map, json_list(status.get(member))):
                code = json_map(json_map(container.get("state")).get("terminated")).get("exitCode")
                if code and _exit_code_matches(requirement, str(container.get("name")), code):
                    name = container.get("name")
                    return f"Container {name} for pod {key} failed with exit code {code}"
        return ""
    for pattern in map(json_map, json_list(rule.get("onPodConditions"))):
        for condition in map(json_map, json_list(status.get("conditions"))):
            wanted = pattern.get("type"), pattern.get("status", "True")
            if (condition.get("type"), condition.get("status")) == wanted:
                return f"Pod {key} has condition {condition.get('type')}"
    return ""


def _exit_code_matches(requirement: Json, container: str, code: int) -> bool:
    if requirement.get("containerName") not in {None, container}:
        return False
    listed = code in json_list(requirement.get("values"))
    return listed if requirement.get("operator") == "In" else not listed
