"""ConfigMaps and Secrets with kubectl."""

from typing import Any

from tests.recordings.step import Group, Kubectl


def config_map(name: str, /, **fields: Any) -> dict[str, Any]:
    """Return a ConfigMap's manifest."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, **fields}


def secret(name: str, /, **fields: Any) -> dict[str, Any]:
    """Return a Secret's manifest."""
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, **fields}


CONFIGS = Group(
    "configs",
    (
        Kubectl("create from literals", "create configmap a --from-literal=k=v --from-literal=l=w"),
        Kubectl("create again", "create configmap a --from-literal=k=v"),
        Kubectl("get", "get cm a"),
        Kubectl("get as YAML", "get cm a -o yaml"),
        Kubectl("describe", "describe cm a"),
        Kubectl("apply over it", "apply -f -", config_map("a", data={"k": "x"})),
        Kubectl("apply it again", "apply -f -", config_map("a", data={"k": "x"})),
        Kubectl("apply it changed", "apply -f -", config_map("a", data={"k": "y", "m": "n"})),
        Kubectl("get what was applied", "get cm a -o yaml"),
        Kubectl("replace", "replace -f -", config_map("a", data={"only": "this"})),
        Kubectl("patch", 'patch cm a -p \'{"data":{"k":"z","only":null}}\''),
        Kubectl(
            "patch and show",
            "patch cm a --type=json -o 'jsonpath={.data}' -p "
            '\'[{"op":"add","path":"/data/j","value":"1"}]\'',
        ),
        Kubectl("create with a bad key", "create -f -", config_map("x", data={"a b": "c"})),
        Kubectl("create with a wrong type", "create -f -", config_map("x", data={"a": 5})),
        Kubectl("create with an unknown field", "create -f -", config_map("x", bogus="b")),
        Kubectl(
            "create an immutable one",
            "create -f -",
            config_map("frozen", data={"a": "b"}, immutable=True),
        ),
        Kubectl("change the immutable", 'patch cm frozen -p \'{"data":{"a":"c"}}\''),
        Kubectl("thaw the immutable", "patch cm frozen -p '{\"immutable\":false}'"),
        Kubectl("label the immutable", "label cm frozen a=b"),
        Kubectl("create a secret", "create secret generic s --from-literal=password=hush"),
        Kubectl("get the secret", "get secret s"),
        Kubectl("get the secret as YAML", "get secret s -o yaml"),
        Kubectl("describe the secret", "describe secret s"),
        Kubectl(
            "apply a secret in plain text", "apply -f -", secret("plain", stringData={"a": "b"})
        ),
        Kubectl("get the plain secret", "get secret plain -o 'jsonpath={.data}{.type}'"),
        Kubectl("create a secret that is no base64", "create -f -", secret("x", data={"a": "*"})),
        Kubectl("create a secret of a type", "create -f -", secret("x", type="kubernetes.io/tls")),
        Kubectl("change the type of a secret", 'patch secret s -p \'{"type":"x"}\''),
        Kubectl("get secrets by type", "get secrets --field-selector type=Opaque -o name"),
        Kubectl("delete two kinds", "delete cm/a secret/s"),
        Kubectl("delete what is half there", "delete cm frozen nope"),
    ),
)
