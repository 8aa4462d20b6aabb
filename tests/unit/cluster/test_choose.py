import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from konductor.cluster.choose import choose, project_context
from konductor.errors import NotFound, Unreachable, UsageError

KUBECONFIG = """\
apiVersion: v1
kind: Config
current-context: staging
clusters:
- {name: one, cluster: {server: "https://one:6443", insecure-skip-tls-verify: true}}
- name: two
  cluster: {server: "https://two:6443/", tls-server-name: inner, proxy-url: "http://proxy:1"}
contexts:
- {name: staging, context: {cluster: one, user: me, namespace: etl}}
- {name: prod, context: {cluster: two, user: me}}
users:
- {name: me, user: {token: secret}}
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / ".kube").mkdir()
    (tmp_path / ".kube" / "config").write_text(KUBECONFIG)
    return tmp_path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project" / "deep"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def local(home: Path) -> Iterator[dict[str, str]]:
    """A local cluster that answers, as the environment that leads to it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        (home / "ca.crt").write_text("PEM")
        document = {
            "current-context": "local",
            "contexts": [{"name": "local", "context": {"cluster": "local", "user": "local"}}],
            "clusters": [
                {
                    "name": "local",
                    "cluster": {
                        "server": f"https://127.0.0.1:{server.getsockname()[1]}",
                        "certificate-authority": "ca.crt",
                    },
                }
            ],
            "users": [{"name": "local", "user": {"token": "t"}}],
        }
        (home / "kubeconfig").write_text(json.dumps(document))
        yield {"HOME": str(home), "KONDUCTOR_HOME": str(home)}


def test_flag_names_a_context(home: Path) -> None:
    found = choose({"HOME": str(home)}, context="prod")
    assert (found.server, found.namespace) == ("https://two:6443", "default")
    assert (found.server_name, found.proxy) == ("inner", "http://proxy:1")
    assert found.bearer() == "secret"
    assert not found.insecure
    assert "prod" in found.source


def test_kubeconfig_variable_beats_the_local_cluster(local: dict[str, str], home: Path) -> None:
    found = choose(local | {"KUBECONFIG": str(home / ".kube" / "config")})
    assert (found.server, found.namespace) == ("https://one:6443", "etl")
    assert found.insecure


def test_pod_takes_its_service_account(tmp_path: Path) -> None:
    for name, text in (("token", "t"), ("ca.crt", "PEM"), ("namespace", "etl\n")):
        (tmp_path / name).write_text(text)
    found = choose(
        {
            "KUBERNETES_SERVICE_HOST": "10.0.0.1",
            "KUBERNETES_SERVICE_PORT": "443",
            "KON_SERVICE_ACCOUNT": str(tmp_path),
            "KUBECONFIG": "/nowhere",
        }
    )
    assert (found.server, found.namespace) == ("https://10.0.0.1:443", "etl")


def test_project_names_a_context(local: dict[str, str], project: Path) -> None:
    (project.parent / "konductor.toml").write_text('context = "prod"\n')
    assert choose(local, folder=project).server == "https://two:6443"


def test_local_cluster_is_taken_if_it_runs(local: dict[str, str], project: Path) -> None:
    found = choose(local, folder=project, namespace="etl")
    assert (found.source, found.token, found.namespace) == ("the local cluster", "t", "etl")


def test_local_cluster_is_known_by_its_kubeconfig_too(local: dict[str, str]) -> None:
    path = str(Path(local["KONDUCTOR_HOME"]) / "kubeconfig")
    assert choose(local | {"KUBECONFIG": path}).source == "the local cluster"


def test_kubeconfig_of_home_is_never_taken_silently(home: Path, project: Path) -> None:
    with pytest.raises(Unreachable) as error:
        choose({"HOME": str(home), "KONDUCTOR_HOME": str(home)}, folder=project)
    assert "koncli cluster up" in error.value.hint
    assert "--context" in error.value.hint


def test_local_cluster_that_is_gone_is_not_taken(local: dict[str, str], project: Path) -> None:
    path = Path(local["KONDUCTOR_HOME"]) / "kubeconfig"
    document = json.loads(path.read_text())
    document["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:1"
    path.write_text(json.dumps(document))
    with pytest.raises(Unreachable):
        choose(local, folder=project)


def test_unknown_context_names_those_there_are(home: Path) -> None:
    with pytest.raises(NotFound, match="`prod`, `staging`") as error:
        choose({"HOME": str(home)}, context="stagin")
    assert error.value.hint == "write `staging`"


def test_absent_kubeconfig_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        choose({"HOME": str(tmp_path)}, kubeconfig="/nowhere")
    with pytest.raises(NotFound, match="config"):
        choose({"HOME": str(tmp_path)}, context="prod")


@pytest.mark.parametrize("text", ["", "{", "[]", "a: [", "kind: Config", '{"contexts": []}'])
def test_what_is_no_kubeconfig_is_said_to_be_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config"
    path.write_text(text)
    with pytest.raises(UsageError):
        choose({"HOME": str(tmp_path)}, kubeconfig=str(path))


@pytest.mark.parametrize("text", ["context = 3", "context ="])
def test_project_file_that_is_wrong_is_said_to_be(project: Path, text: str) -> None:
    (project / "konductor.toml").write_text(text)
    with pytest.raises(UsageError, match=r"konductor\.toml"):
        project_context(project)
