"""The page of rights says of each role what the role says."""

import re
from pathlib import Path

import pytest

from konductor.install.access import cluster_roles

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "rights.md").read_text("utf-8")
ROLES = {one["metadata"]["name"]: one["rules"] for one in cluster_roles()}
_ROW = re.compile(r"^\| (`[^|]+`) \| ([a-z, ]+) \| [^|]+ \|$", re.MULTILINE)


def told(role: str) -> set[tuple[str, str]]:
    """Return each resource and verb in a role's table."""
    _, _, section = PAGE.partition(f"\n## {role}\n")
    table = section.partition("\n## ")[0]
    return {
        (resource, verb)
        for resources, verbs in _ROW.findall(table)
        for resource in re.findall(r"`([^`]+)`", resources)
        for verb in verbs.split(", ")
    }


@pytest.mark.parametrize("role", ROLES)
def test_page_tells_each_right_of_a_role_and_no_other(role: str) -> None:
    assert told(role) == {
        (resource, verb)
        for rule in ROLES[role]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }
