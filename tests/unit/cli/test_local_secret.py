"""Secrets whose values are on this machine."""

import asyncio
from base64 import b64decode
from pathlib import Path

import pytest

from konductor.api.meta import Json
from konductor.cli.local_secret import LocalSecrets, Origin, provide
from konductor.cli.project import local_settings
from konductor.cluster.memory import MemoryCluster
from konductor.cluster.resource import SECRETS
from konductor.dsl.compile import compile_source
from konductor.dsl.emit import emit
from konductor.errors import UsageError

PROGRAM = """pipeline etl {
  defaults { image = "a:1", run = 'true' }
  stage load { env = { TOKEN = secret("warehouse", "token") }, env_from = [secret_env("keys")] }
  stage sign { mounts { "/etc/key" = secret_files("signing") } }
}
"""
SETTINGS: LocalSecrets = {
    "warehouse": {"token": Origin(variable="WAREHOUSE_LOGIN"), "user": Origin(file="user.txt")},
    "signing": {"key": Origin(file="key.bin")},
    "unused": {"key": Origin(variable="NOT_SET")},
}


def manifests() -> list[Json]:
    plan = compile_source(PROGRAM).plan
    assert plan is not None
    return list(emit(plan, "etl-1"))


def provided(folder: Path, cluster: MemoryCluster, **environment: str) -> dict[str, Json]:
    (folder / "user.txt").write_text("robot")
    (folder / "key.bin").write_bytes(b"\x00\xff")

    async def run() -> dict[str, Json]:
        await provide(
            cluster, SETTINGS, manifests(), "team", base=str(folder), environment=environment
        )
        listed = await cluster.list(SECRETS, namespace="team")
        return {one["metadata"]["name"]: one for one in listed.items}

    return asyncio.run(run())


def test_secrets_that_a_run_names_are_made_of_variables_and_files(tmp_path: Path) -> None:
    found = provided(tmp_path, MemoryCluster(), WAREHOUSE_LOGIN="s3cret")
    assert {
        name: {key: b64decode(value) for key, value in one["data"].items()}
        for name, one in found.items()
    } == {"warehouse": {"token": b"s3cret", "user": b"robot"}, "signing": {"key": b"\x00\xff"}}


def test_secret_of_the_run_before_is_brought_up_to_date(tmp_path: Path) -> None:
    cluster = MemoryCluster()
    provided(tmp_path, cluster, WAREHOUSE_LOGIN="old")
    asyncio.run(cluster.patch(SECRETS, "warehouse", {"data": {"gone": "eA=="}}, namespace="team"))
    first = provided(tmp_path, cluster, WAREHOUSE_LOGIN="new")["warehouse"]
    assert {key: b64decode(one) for key, one in first["data"].items()} == {
        "token": b"new",
        "user": b"robot",
    }
    again = provided(tmp_path, cluster, WAREHOUSE_LOGIN="new")["warehouse"]
    assert again["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]


def test_secret_that_somebody_else_made_is_left(tmp_path: Path) -> None:
    cluster = MemoryCluster()
    theirs = {"apiVersion": "v1", "kind": "Secret", "data": {"token": "eA=="}}
    document = {**theirs, "metadata": {"name": "warehouse", "namespace": "team"}}
    asyncio.run(cluster.create(SECRETS, document))
    found = provided(tmp_path, cluster, WAREHOUSE_LOGIN="ours")
    assert found["warehouse"]["data"] == {"token": "eA=="}


def test_value_that_is_not_there_is_told_and_nothing_made(tmp_path: Path) -> None:
    cluster = MemoryCluster()
    told = r"`local.secrets.warehouse.token` is \$WAREHOUSE_LOGIN, which is not set"
    with pytest.raises(UsageError, match=told):
        provided(tmp_path, cluster)
    assert asyncio.run(cluster.list(SECRETS, namespace="team")).items == ()
    settings: LocalSecrets = {"signing": {"key": Origin(file="nowhere")}}
    with pytest.raises(UsageError, match=r"nowhere, which cannot be read: No such file"):
        asyncio.run(
            provide(cluster, settings, manifests(), "team", base=str(tmp_path), environment={})
        )


def test_project_says_where_values_are(tmp_path: Path) -> None:
    (tmp_path / "konductor.toml").write_text(
        '[local.secrets.warehouse]\ntoken = { env = "TOKEN" }\nuser = { file = "user.txt" }\n'
    )
    assert local_settings(tmp_path).secrets == {
        "warehouse": {"token": Origin(variable="TOKEN"), "user": Origin(file="user.txt")}
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("secrets = 5", "is no table of tables"),
        ("secrets.a = 5", "is no table of tables"),
        ("secrets.a.b = 'x'", "does not say where its value is"),
        ("secrets.a.b = {}", "does not say where its value is"),
        ("secrets.a.b = { env = 5 }", "does not say where its value is"),
        ("secrets.a.b = { env = 'A', file = 'b' }", "does not say where its value is"),
        ("secrets.a.b = { evn = 'A' }", "`local.secrets.a.b.evn` in .* means nothing"),
    ],
)
def test_project_that_does_not_say_it_is_an_error(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "konductor.toml").write_text(f"[local]\n{text}\n")
    with pytest.raises(UsageError, match=told):
        local_settings(tmp_path)
