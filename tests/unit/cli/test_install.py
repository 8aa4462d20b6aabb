"""The command lines of ``koncli install`` and ``koncli uninstall``, up to the cluster."""

import json
import socket
from pathlib import Path

import pytest
import yaml

from konductor.cli import install, uninstall
from konductor.cli.main import main
from konductor.cluster.choose import LOCAL
from konductor.connection import Connection
from konductor.errors import UsageError

DIGEST = "sha256:" + "ab" * 32


def printed(capsys: pytest.CaptureFixture[str], *options: str) -> str:
    assert install.main(["-o", "yaml", *options]) == 0
    return capsys.readouterr().out


def test_objects_are_printed_without_any_cluster(capsys: pytest.CaptureFixture[str]) -> None:
    documents = list(yaml.safe_load_all(printed(capsys)))
    assert documents[0]["kind"] == "Namespace"
    assert install.main(["-o", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["items"] == documents


def test_kinds_alone_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    documents = yaml.safe_load_all(printed(capsys, "--crds-only"))
    assert {one["kind"] for one in documents} == {"CustomResourceDefinition"}


def test_mirror_takes_both_images(capsys: pytest.CaptureFixture[str]) -> None:
    hook = f"ghcr.io/a/hooks@{DIGEST}"
    text = printed(capsys, "--mirror", "reg.example", "--hook-image", hook, "--image", "a/b:1")
    assert "image: reg.example/a/b:1\n" in text
    assert f"hookImage: reg.example/a/hooks@{DIGEST}\n" in text


def test_hooks_come_in_the_image_of_the_operator(capsys: pytest.CaptureFixture[str]) -> None:
    assert "hookImage: a/b:1\n" in printed(capsys, "--image", "a/b:1")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--crds-only", "--image", "a"], "--crds-only leaves out what --image is for"),
        (["--crds-only", "--pull-secret", "a"], "what --pull-secret is for"),
        (["--namespaced", "a", "-n", "b"], "--namespace is the operator's own"),
        (["--namespaced", "a", "--participants", "b"], "nobody would serve participants in `b`"),
        (["--hook-egress"], "namespaces that --participants names"),
        (["--image", "A B"], "`A B` is no image"),
        (["--hook-image", "A B"], "`A B` is no image"),
        (["--mirror", "https://x"], "`https://x` is no registry"),
        (["-n", "A"], "`A` is no name"),
        (["--participants", "a.b"], "`a.b` is no name"),
        (["--namespaced", "a" * 64], "is no name"),
        (["--replicas", "0"], "no whole number above 0"),
        (["--timeout", "soon"], "soon"),
    ],
)
def test_wrong_use_is_refused_before_any_cluster_is_asked(options: list[str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        install.main(["-o", "yaml", *options])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--crds", "--namespaced", "a"], "--crds is for the whole cluster"),
        (["-n", "a"], "found by its labels"),
    ],
)
def test_wrong_use_of_uninstall_is_refused(options: list[str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        uninstall.main(options)


def test_local_cluster_needs_no_installation() -> None:
    local = Connection("https://127.0.0.1:1", source=LOCAL)
    with pytest.raises(UsageError, match="built in: nothing to install"):
        install.refuse_local(local, "install")
    install.refuse_local(Connection("https://127.0.0.1:1", source="a context"), "install")


def test_cluster_that_gives_no_answer_ends_with_6(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("konductor.cluster.http._BACK_OFF", ())
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "x",
        "contexts": [{"name": "x", "context": {"cluster": "x", "user": "x"}}],
        "clusters": [{"name": "x", "cluster": {"server": f"https://127.0.0.1:{port}"}}],
        "users": [{"name": "x", "user": {"token": "t"}}],
    }
    (tmp_path / "kubeconfig").write_text(json.dumps(document))
    for command in ("install", "uninstall"):
        assert main([command, "--kubeconfig", str(tmp_path / "kubeconfig")]) == 6
        assert "no answer from https://127.0.0.1" in capsys.readouterr().err
