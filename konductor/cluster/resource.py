"""The kinds of object that konductor reads or writes, and their paths on an API server.

A `Resource` is a value: naming one costs no discovery request.
"""

from dataclasses import dataclass

from konductor.api.meta import Json
from konductor.api.names import GROUP, VERSION
from konductor.errors import NotFound


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind of object at one version."""

    group: str
    """Empty for the core group."""
    version: str
    plural: str
    kind: str
    namespaced: bool = True

    @property
    def api_version(self) -> str:
        """Return what ``apiVersion`` of its objects says."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def path(self, namespace: str = "", name: str = "", subresource: str = "") -> str:
        """Return the URL path of the collection, of one object, or of a part of it.

        >>> JOBS.path("default", "count", "status")
        '/apis/batch/v1/namespaces/default/jobs/count/status'
        """
        root = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        room = f"/namespaces/{namespace}" if self.namespaced and namespace else ""
        parts = (part for part in (self.plural, name, subresource) if part)
        return "/".join((root + room, *parts))


BARRIERS = Resource(GROUP, VERSION, "barriers", "Barrier")
ARRIVALS = Resource(GROUP, VERSION, "arrivals", "Arrival")
RUNS = Resource(GROUP, VERSION, "runs", "Run")
JOBS = Resource("batch", "v1", "jobs", "Job")
PODS = Resource("", "v1", "pods", "Pod")
CONFIGMAPS = Resource("", "v1", "configmaps", "ConfigMap")
SECRETS = Resource("", "v1", "secrets", "Secret")
SERVICEACCOUNTS = Resource("", "v1", "serviceaccounts", "ServiceAccount")
PVC = Resource("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim")
EVENTS = Resource("", "v1", "events", "Event")
LEASES = Resource("coordination.k8s.io", "v1", "leases", "Lease")
NAMESPACES = Resource("", "v1", "namespaces", "Namespace", namespaced=False)
NODES = Resource("", "v1", "nodes", "Node", namespaced=False)
CRDS = Resource(
    "apiextensions.k8s.io",
    "v1",
    "customresourcedefinitions",
    "CustomResourceDefinition",
    namespaced=False,
)
ACCESS_REVIEWS = Resource(
    "authorization.k8s.io",
    "v1",
    "selfsubjectaccessreviews",
    "SelfSubjectAccessReview",
    namespaced=False,
)
SUBJECT_REVIEWS = Resource(
    "authorization.k8s.io", "v1", "localsubjectaccessreviews", "LocalSubjectAccessReview"
)
"""May somebody else, in one namespace."""
WHO_AM_I = Resource(
    "authentication.k8s.io", "v1", "selfsubjectreviews", "SelfSubjectReview", namespaced=False
)
QUOTAS = Resource("", "v1", "resourcequotas", "ResourceQuota")
LIMITS = Resource("", "v1", "limitranges", "LimitRange")

RESOURCES = (
    BARRIERS,
    ARRIVALS,
    RUNS,
    JOBS,
    PODS,
    CONFIGMAPS,
    SECRETS,
    SERVICEACCOUNTS,
    PVC,
    EVENTS,
    LEASES,
    NAMESPACES,
    NODES,
    CRDS,
    ACCESS_REVIEWS,
)
"""Those of which there are manifests or owners; the others are only read or asked."""
_BY_KIND = {(one.api_version, one.kind): one for one in RESOURCES}


def resource_of(document: Json) -> Resource:
    """Return the resource that a manifest belongs to, by its ``apiVersion`` and ``kind``.

    Raises:
        NotFound: konductor has no business with that kind.
    """
    key = str(document.get("apiVersion", "")), str(document.get("kind", ""))
    if found := _BY_KIND.get(key):
        return found
    raise NotFound(f"konductor knows no kind `{key[1]}` of `{key[0]}`")
