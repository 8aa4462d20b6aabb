"""Makes the data files of this package anew from Kubernetes itself.

::

    python -m konductor.runner.local.apiserver.builtin.regenerate schemas --kubeconfig FILE
    python -m konductor.runner.local.apiserver.builtin.regenerate structs --modules FOLDER
    python -m konductor.runner.local.apiserver.builtin.regenerate descriptors --modules FOLDER

``schemas`` asks a running API server for /openapi/v3. ``structs`` and ``descriptors`` read the Go
sources and the .proto files that Kubernetes publishes as the modules k8s.io/api, apimachinery and
apiextensions-apiserver; FOLDER is a Go module cache (``go env GOMODCACHE``). ``descriptors`` needs
PyPI's grpcio-tools, which koncli itself does not depend on. The same input gives the same bytes.
The files are derived from Kubernetes: see NOTICE.
"""

import argparse
import gzip
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import orjson

from konductor.runner.local.apiserver.builtin.gosource import Field, structs
from konductor.runner.local.apiserver.builtin.schema import Schema, reachable, schemas

HERE = Path(__file__).parent
CORE, META = "io.k8s.api.core.v1", "io.k8s.apimachinery.pkg.apis.meta.v1"
EXTENSIONS = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1"
LISTED = (
    f"{CORE}.Pod",
    f"{CORE}.ConfigMap",
    f"{CORE}.Secret",
    f"{CORE}.Event",
    f"{CORE}.Namespace",
    f"{CORE}.ServiceAccount",
    f"{CORE}.Node",
    f"{CORE}.PersistentVolumeClaim",
    "io.k8s.api.batch.v1.Job",
    "io.k8s.api.events.v1.Event",
    "io.k8s.api.coordination.v1.Lease",
    *(
        f"io.k8s.api.rbac.v1.{kind}"
        for kind in ("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding")
    ),
    f"{EXTENSIONS}.CustomResourceDefinition",
)
"""Kinds that are stored; each has its list, too."""
SINGLE = (
    f"{CORE}.Binding",
    "io.k8s.api.authentication.v1.TokenRequest",
    "io.k8s.api.authentication.v1.TokenReview",
    "io.k8s.api.authentication.v1.SelfSubjectReview",
    "io.k8s.api.authorization.v1.SelfSubjectAccessReview",
    "io.k8s.api.authorization.v1.SelfSubjectRulesReview",
    "io.k8s.api.authorization.v1.LocalSubjectAccessReview",
    "io.k8s.api.authorization.v1.SubjectAccessReview",
    f"{META}.Status",
    f"{META}.DeleteOptions",
    f"{META}.ObjectMeta",
    f"{META}.ListMeta",
)
PATHS = (
    "api/v1",
    *(
        f"apis/{group}/v1"
        for group in (
            "batch",
            "events.k8s.io",
            "coordination.k8s.io",
            "rbac.authorization.k8s.io",
            "apiextensions.k8s.io",
            "authentication.k8s.io",
            "authorization.k8s.io",
        )
    ),
)


PACKAGES = {
    "io.k8s.api.core.v1": "api/core/v1",
    "io.k8s.api.batch.v1": "api/batch/v1",
    "io.k8s.api.events.v1": "api/events/v1",
    "io.k8s.api.coordination.v1": "api/coordination/v1",
    "io.k8s.api.rbac.v1": "api/rbac/v1",
    "io.k8s.api.authentication.v1": "api/authentication/v1",
    "io.k8s.api.authorization.v1": "api/authorization/v1",
    "io.k8s.api.scheduling.v1alpha3": "api/scheduling/v1alpha3",
    META: "apimachinery/pkg/apis/meta/v1",
    EXTENSIONS: "apiextensions-apiserver/pkg/apis/apiextensions/v1",
}
"""Where each package of component names is in the modules under k8s.io/."""


def main(arguments: list[str]) -> None:
    """Make one of the files, as the command line says."""
    parser = argparse.ArgumentParser(prog="regenerate", description=__doc__)
    parts = parser.add_subparsers(dest="part", required=True)
    parts.add_parser("schemas").add_argument("--kubeconfig", required=True, type=Path)
    parts.add_parser("structs").add_argument("--modules", required=True, type=Path)
    parts.add_parser("descriptors").add_argument("--modules", required=True, type=Path)
    chosen = parser.parse_args(arguments)
    match chosen.part:
        case "schemas":
            _write("schemas.json.gz", orjson.dumps(_schemas(chosen.kubeconfig)))
        case "structs":
            _write("structs.json.gz", orjson.dumps(_structs(chosen.modules)))
        case "descriptors":
            _write("descriptors.pb.gz", _descriptors(chosen.modules))


def _schemas(kubeconfig: Path) -> dict[str, Schema]:
    known: dict[str, Schema] = {}
    for path in PATHS:
        published = orjson.loads(_published(kubeconfig, path))["components"]["schemas"]
        known = {**published, **known}
    lists = tuple(f"{name}List" for name in LISTED)
    return reachable((*LISTED, *lists, *SINGLE), known)


def _published(kubeconfig: Path, path: str) -> bytes:
    """Return one document of /openapi/v3.

    Raises:
        CalledProcessError: kubectl reaches no API server, or that has no such group.
    """
    kubectl = shutil.which("kubectl", path=Path(sys.executable).parent) or "kubectl"
    return subprocess.run(  # noqa: S603  # a developer's own kubectl and kubeconfig
        [kubectl, "--kubeconfig", kubeconfig, "get", "--raw", f"/openapi/v3/{path}"],
        check=True,
        stdout=subprocess.PIPE,
    ).stdout


def _structs(modules: Path) -> dict[str, list[Field]]:
    """Return the fields of every struct behind the schemas, by component name."""
    found: dict[str, list[Field]] = {}
    for prefix, path in PACKAGES.items():
        module, _, inside = path.partition("/")
        for source in sorted((_module(modules, module) / inside).glob("types*.go")):
            text = source.read_text(encoding="utf-8")
            own = structs(text, prefix.rpartition(".")[2])
            found.update({f"{prefix}.{name}": fields for name, fields in own.items()})
    return {name: found[name] for name in sorted(_with_inlined(found) & set(found))}


def _with_inlined(found: dict[str, list[Field]]) -> set[str]:
    """Return the names that have a schema, and those that such a one inlines."""
    known = {name for name in found if name in schemas()}
    return known | {
        f"{name.rpartition('.')[0]}.{go_type.rpartition('.')[2]}"
        for name in known
        for json_name, go_type, _ in found[name]
        if not json_name
    }


def _descriptors(modules: Path) -> bytes:
    """Return the FileDescriptorSet of PACKAGES and of what they import."""
    with tempfile.TemporaryDirectory() as folder:
        root, output = Path(folder), Path(folder) / "set.pb"
        (root / "k8s.io").mkdir()
        for name in sorted({path.partition("/")[0] for path in PACKAGES.values()}):
            (root / "k8s.io" / name).symlink_to(_module(modules, name))
        subprocess.run(  # noqa: S603  # this interpreter and files named above
            [
                *(sys.executable, "-m", "grpc_tools.protoc", f"--proto_path={root}"),
                *("--include_imports", f"--descriptor_set_out={output}"),
                *(f"{root}/k8s.io/{path}/generated.proto" for path in PACKAGES.values()),
            ],
            check=True,
        )
        return output.read_bytes()


def _module(modules: Path, name: str) -> Path:
    """Return the newest version of a module in the cache."""
    return max(
        modules.glob(f"k8s.io/{name}@v*"),
        key=lambda folder: [int(number) for number in folder.name.partition("@v")[2].split(".")],
    )


def _write(name: str, content: bytes) -> None:
    """Write compressed content that is the same for the same input: no name, no time."""
    (HERE / name).write_bytes(gzip.compress(content, compresslevel=9, mtime=0))


if __name__ == "__main__":
    main(sys.argv[1:])
