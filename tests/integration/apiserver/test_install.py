"""``koncli install`` on a local API server that somebody reaches by a kubeconfig of its own."""

import pytest

from konductor.cli.main import main
from tests.integration.apiserver.conftest import Api


def test_install_says_that_a_local_cluster_needs_none(
    api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["install", "--kubeconfig", str(api.kubeconfig)]) == 1
    told = capsys.readouterr()
    assert not told.out
    assert "the server takes no server-side apply; nothing has been changed" in told.err
    assert "koncli's local cluster needs no installation" in told.err


def test_uninstall_finds_nothing_on_a_local_cluster(
    api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["uninstall", "--kubeconfig", str(api.kubeconfig)]) == 0
    assert "nothing of `koncli install` is there" in capsys.readouterr().err
