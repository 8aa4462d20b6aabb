"""The steps that both servers are asked to take, by topic."""

from tests.recordings.cases.barriers import BARRIERS
from tests.recordings.cases.cluster import CLUSTER
from tests.recordings.cases.configs import CONFIGS
from tests.recordings.cases.events import EVENTS
from tests.recordings.cases.http_lists import LISTS
from tests.recordings.cases.http_objects import OBJECTS
from tests.recordings.cases.http_patches import PATCHES
from tests.recordings.cases.http_validation import VALIDATION
from tests.recordings.cases.jobs import JOBS
from tests.recordings.cases.pods import PODS

GROUPS = (BARRIERS, JOBS, PODS, CONFIGS, EVENTS, CLUSTER, OBJECTS, PATCHES, LISTS, VALIDATION)
