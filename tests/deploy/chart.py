"""The Helm chart ``deploy/helm/konductor``, made from the objects of an installation.

What a value decides is a marker in an object, and becomes the expression for it in the text; what
is there or not by a value is a whole file, or a whole block of lines.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from konductor import __version__
from konductor.api.meta import Json
from konductor.dsl.emit import write_yaml
from konductor.install.access import PARTICIPANT
from konductor.install.installation import IMAGE, REPLICAS, Installation
from konductor.install.objects import parts

_FOLDER: Final = "helm/konductor"
_HEAD: Final = "# Made by `make deploy`: change konductor/install or crds, not this file.\n"
_MANY: Final = 424_242
"""Stands for the number of replicas, which is no text that could hold a marker."""
_MARKED: Final = {
    "image": "@image@",
    "hook_image": "@hook-image@",
    "pull_secret": "@pull-secret@",
    "manager": "@manager@",
}
_EXPRESSIONS: Final = {
    "@namespace@": "{{ $.Release.Namespace }}",
    "@participant@": "{{ . }}",
    "@image@": "{{ $.Values.image }}",
    "@hook-image@": "{{ $.Values.hookImage | default $.Values.image }}",
    "@pull-secret@": "{{ $.Values.pullSecret }}",
    "@manager@": "{{ $.Release.Service }}",
    "@role@": '{{ ternary "Role" "ClusterRole" $.Values.namespaced }}',
    f"replicas: {_MANY}": "replicas: {{ $.Values.replicas }}",
}
_SECRET: Final = re.compile(r"^ *imagePullSecrets:\n *- name: '@pull-secret@'\n", re.MULTILINE)
_KEEP: Final = {"helm.sh/resource-policy": "keep"}
_STRANGER: Final = """\
{{- if and $.Values.namespaced (ne . $.Release.Namespace) }}
{{- fail (printf "nobody would serve participants in %q: install in that namespace" .) }}
{{- end }}
"""
_VALUES: Final = f"""\
# The image of the operator; a digest is fine.
image: {IMAGE}
# The image of the hooks in runs' pods; empty: the operator's.
hookImage: ""
# Operators: one works, the others wait.
replicas: {REPLICAS}
# The Secret, in the release's namespace, to pull the operator's image with.
pullSecret: ""
# Namespaces whose pods may wait and arrive.
participants: []
# Let hooks out of those namespaces; only where a policy denies all traffic out.
hookEgress: false
# Serve the release's namespace alone, with Roles and no ClusterRoles.
namespaced: false
# Bring the kinds, too. Helm never deletes them.
crds: true
"""
_NOTES: Final = """\
The operator looks after {{ if .Values.namespaced }}namespace {{ .Release.Namespace }}{{ else }}\
all namespaces{{ end }}.
{{- if not .Values.participants }}
No namespace's pods may arrive yet: set `participants`.
{{- end }}
It asks for nothing that PodSecurity `restricted` denies; the namespace can enforce that:
  kubectl label namespace {{ .Release.Namespace }} pod-security.kubernetes.io/enforce=restricted
"""


def chart_files() -> Iterator[tuple[str, str]]:
    """Yield each file's path, below ``deploy``, and its text."""
    texts = {
        "Chart.yaml": _HEAD + write_yaml([_chart()]),
        "values.yaml": _HEAD + _VALUES,
        "values.schema.json": json.dumps(_schema(), indent=2) + "\n",
        "templates/NOTES.txt": _NOTES,
        **{f"templates/{name}.yaml": text for name, text in _templates()},
    }
    for name, text in texts.items():
        yield f"{_FOLDER}/{name}", text


def _chart() -> Json:
    return {
        "apiVersion": "v2",
        "name": "konductor",
        "description": "Barriers for Kubernetes, and the operator that looks after them",
        "type": "application",
        "version": __version__,
        "appVersion": __version__,
        "kubeVersion": ">=1.30.0-0",
    }


def _schema() -> Json:
    text, switch = {"type": "string"}, {"type": "boolean"}
    properties: dict[str, Any] = {
        "image": text | {"minLength": 1},
        "hookImage": text,
        "replicas": {"type": "integer", "minimum": 1},
        "pullSecret": text,
        "participants": {"type": "array", "items": text, "uniqueItems": True},
        "hookEgress": switch,
        "namespaced": switch,
        "crds": switch,
    }
    return {
        "$schema": "https://json-schema.org/draft-07/schema#",
        "type": "object",
        "additionalProperties": False,
        "required": [name for name in properties if name != "hookImage"],
        "properties": properties | {"global": {"type": "object"}},
    }


def _templates() -> Iterator[tuple[str, str]]:
    whole = parts(Installation(namespace="@namespace@", replicas=_MANY, **_MARKED))  # type: ignore[arg-type]  # all others are text
    tenant = parts(Installation(namespaced=("@namespace@",), replicas=_MANY, **_MARKED))  # type: ignore[arg-type]  # likewise
    yield "crds", _when("$.Values.crds", _text(map(_kept, whole["crds"])))
    yield "participants", _participants()
    for name, condition, found in (
        ("", "not $.Values.namespaced", whole),
        ("namespaced-", "$.Values.namespaced", tenant),
    ):
        for part, documents in found.items():
            if part not in ("crds", "namespace"):
                yield name + part, _when(condition, _text(documents))


def _participants() -> str:
    one = Installation(participants=("@participant@",), hook_egress=True, manager="@manager@")
    binding, egress = parts(one)["participants"]
    role = binding["roleRef"] | {"kind": "@role@"}
    assert role["name"] == PARTICIPANT
    each = _text([binding | {"roleRef": role}]) + _when("$.Values.hookEgress", _text([egress]))
    return f"{{{{- range $.Values.participants }}}}\n{_STRANGER}{each}{{{{- end }}}}\n"


def _kept(definition: Json) -> Json:
    metadata = definition["metadata"]
    annotations: Mapping[str, str] = metadata.get("annotations", {})
    return definition | {"metadata": metadata | {"annotations": {**annotations, **_KEEP}}}


def _text(documents: Iterable[Json]) -> str:
    text = write_yaml(documents)
    assert "{{" not in text, "it would be read as an expression"
    text = _SECRET.sub(lambda found: _when("$.Values.pullSecret", found[0]), text)
    for marker, expression in _EXPRESSIONS.items():
        text = text.replace(marker, expression)
    return text


def _when(condition: str, text: str) -> str:
    return f"{{{{- if {condition} }}}}\n{text}{{{{- end }}}}\n"
