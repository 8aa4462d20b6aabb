"""``koncli install``: brings the kinds, the roles and the operator into a cluster."""

import argparse
import asyncio
import json
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from konductor.cli.arguments import Parser, cluster_options, connect, count, duration, is_label
from konductor.cli.output import tell
from konductor.errors import ExitCode, Forbidden, UsageError

if TYPE_CHECKING:
    from konductor.api.meta import Json
    from konductor.cluster.port import Cluster
    from konductor.connection import Connection
    from konductor.install.apply import Outcome
    from konductor.install.installation import Installation
    from konductor.install.judgement import Step
    from konductor.install.remove import Found

_PATIENCE: Final = timedelta(minutes=5)
_NOT_KINDS: Final = (
    "namespace",
    "image",
    "hook_image",
    "mirror",
    "pull_secret",
    "replicas",
    "namespaced",
    "participants",
    "hook_egress",
)
"""Options that say something of what ``--crds-only`` leaves out."""


def main(argv: list[str]) -> int:
    """Install, or print what would be.

    Raises:
        KonductorError: the cluster refused, or what is there forbids it.
    """
    options = _parser().parse_args(argv)
    installation = _installation(options)
    documents = _documents(installation, options)
    if options.output:
        _print(documents, options.output)
        return ExitCode.DONE
    connection = connect(options)
    refuse_local(connection, "install")
    tell(f"{connection.source or connection.server}{' (dry run)' if options.dry_run else ''}")
    asyncio.run(_install(connection, documents, installation, options))
    return ExitCode.DONE


def refuse_local(connection: "Connection", verb: str) -> None:
    """Refuse to work on the local cluster, which is complete and stays so.

    Raises:
        UsageError: it is chosen.
    """
    from konductor.cluster.choose import LOCAL  # noqa: PLC0415  # not for --help

    if connection.source == LOCAL:
        raise UsageError(
            f"the local cluster has the kinds and an operator built in: nothing to {verb}",
            hint="name another cluster with --context or $KUBECONFIG",
        )


def name(text: str) -> str:
    """Read the name of a namespace or a Secret, as argparse wants its types."""
    if not is_label(text):
        raise argparse.ArgumentTypeError(f"`{text}` is no name of an object")
    return text


def add_namespaces(options: argparse._ActionsContainer, flag: str, what: str) -> None:
    """Add an option that names a namespace each time that it is given."""
    options.add_argument(
        flag, action="append", type=name, default=[], metavar="NS", help=f"{what} (may be repeated)"
    )


def _installation(options: argparse.Namespace) -> "Installation":
    """Return what the command line asks for.

    Raises:
        UsageError: two options contradict each other, or one is of no use.
    """
    from konductor.install.image import image_reference, mirrored  # noqa: PLC0415  # not for --help
    from konductor.install.installation import (  # noqa: PLC0415  # likewise
        IMAGE,
        NAMESPACE,
        REPLICAS,
        Installation,
    )

    _refuse_contradictions(options)
    image = image_reference(options.image or IMAGE)
    hook_image = image_reference(options.hook_image or image)
    if options.mirror:
        image, hook_image = (mirrored(one, options.mirror) for one in (image, hook_image))
    return Installation(
        namespace=options.namespace or NAMESPACE,
        image=image,
        hook_image=hook_image,
        replicas=options.replicas or REPLICAS,
        pull_secret=options.pull_secret or "",
        namespaced=tuple(dict.fromkeys(options.namespaced)),
        participants=tuple(dict.fromkeys(options.participants)),
        hook_egress=options.hook_egress,
    )


def _refuse_contradictions(options: argparse.Namespace) -> None:
    given = [one for one in _NOT_KINDS if getattr(options, one)]
    if options.crds_only and given:
        option = given[0].replace("_", "-")
        raise UsageError(f"--crds-only leaves out what --{option} is for", hint="leave out one")
    if options.namespaced and options.namespace:
        raise UsageError(
            "--namespace is the operator's own; with --namespaced it lives where it serves",
            hint="leave out --namespace",
        )
    if options.hook_egress and not options.participants:
        raise UsageError("--hook-egress is for namespaces that --participants names")
    strangers = [one for one in options.participants if one not in options.namespaced]
    if options.namespaced and strangers:
        raise UsageError(
            f"nobody would serve participants in `{strangers[0]}`",
            hint=f"add `--namespaced {strangers[0]}`",
        )


def _documents(installation: "Installation", options: argparse.Namespace) -> tuple["Json", ...]:
    from konductor.install.objects import objects, parts  # noqa: PLC0415  # not for --help

    return parts(installation)["crds"] if options.crds_only else objects(installation)


def _print(documents: tuple["Json", ...], form: str) -> None:
    if form == "json":
        whole = {"apiVersion": "v1", "kind": "List", "items": documents}
        print(json.dumps(whole, indent=2, ensure_ascii=False))
        return
    from konductor.dsl.emit import write_yaml  # noqa: PLC0415  # only for this

    sys.stdout.write(write_yaml(documents))


async def _install(
    connection: "Connection",
    documents: tuple["Json", ...],
    installation: "Installation",
    options: argparse.Namespace,
) -> None:
    from konductor.cluster.http import HttpCluster  # noqa: PLC0415  # 0.3 s, not for --help
    from konductor.install.apply import Manner, install  # noqa: PLC0415  # likewise
    from konductor.install.ready import available  # noqa: PLC0415  # likewise

    tenant = installation.namespaced[0] if installation.namespaced else ""
    manner = Manner(adopt=options.adopt, dry_run=options.dry_run, tenant=tenant)

    def say(step: "Step", outcome: "Outcome") -> None:
        told = installation.namespaced or step.namespace != installation.namespace
        place = f" in {step.namespace}" if step.namespace and told else ""
        mark = " (server dry run)" if options.dry_run else ""
        print(f"{step} {outcome}{place}{mark}", flush=True)

    async with HttpCluster(connection) as cluster:
        await install(cluster, documents, manner, say=say, warn=tell)
        if options.wait and not (options.dry_run or options.crds_only):
            for home in installation.homes:
                tell(f"waiting for the operator in namespace `{home}`")
                await available(cluster, home, within=options.timeout)
        if not (options.crds_only or installation.namespaced):
            await _tidy(cluster, documents, dry_run=options.dry_run)


async def _tidy(cluster: "Cluster", documents: tuple["Json", ...], *, dry_run: bool) -> None:
    """Remove what only an older version needed."""
    from konductor.install.remove import left_over, remove  # noqa: PLC0415  # not for --help

    def say(found: "Found", outcome: str) -> None:
        print(f"{found} {outcome}", flush=True)

    try:
        found = await left_over(cluster, documents)
    except Forbidden as error:
        tell(f"what an older version left behind is not looked for: {error.message}")
        return
    await remove(cluster, found, kinds=False, dry_run=dry_run, say=say)


def _parser() -> Parser:
    parser = Parser(
        prog="koncli install",
        description="Bring the kinds, the roles and the operator into a cluster, or a newer\n"
        "version of them. Done twice it changes nothing the second time.",
        parents=[cluster_options()],
    )
    _add_images(parser)
    _add_scope(parser)
    parser.add_argument(
        "--adopt",
        action="store_true",
        help="take over objects that koncli did not create, and fields that others hold",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="let the server judge each object, store none"
    )
    parser.add_argument(
        "-o", "--output", choices=("yaml", "json"), default="", help="print the objects, send none"
    )
    parser.add_argument(
        "--wait",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="wait until the operator runs",
    )
    parser.add_argument(
        "--timeout", type=duration, default=_PATIENCE, metavar="D", help="for so long (5m)"
    )
    return parser


def _add_images(parser: Parser) -> None:
    group = parser.add_argument_group("images")
    group.add_argument("--image", default="", help="of the operator (koncli's, at this version)")
    group.add_argument(
        "--hook-image", default="", metavar="IMAGE", help="of runs' hooks (the operator's)"
    )
    group.add_argument(
        "--mirror", default="", metavar="REGISTRY", help="take both from this registry"
    )
    group.add_argument(
        "--pull-secret",
        type=name,
        metavar="NAME",
        help="the Secret to pull the operator's image with",
    )
    group.add_argument("--replicas", type=count, metavar="N", help="operators; one works (2)")


def _add_scope(parser: Parser) -> None:
    group = parser.add_argument_group("what for")
    add_namespaces(group, "--namespaced", "serve this namespace alone, without ClusterRoles")
    add_namespaces(group, "--participants", "let the pods of this namespace wait and arrive")
    group.add_argument(
        "--hook-egress",
        action="store_true",
        help="let hooks out of participants' namespaces that deny all traffic out",
    )
    group.add_argument("--crds-only", action="store_true", help="bring the kinds alone")
