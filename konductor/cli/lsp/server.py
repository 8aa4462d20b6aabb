"""pygls' server with our documents in the place of its own, and an answer for each failure.

pygls' documents end lines where Python does, at a form feed too, which the protocol does not.
"""

import logging
from collections.abc import Collection
from typing import Any, BinaryIO

from lsprotocol import types
from lsprotocol.converters import get_converter
from pygls.exceptions import FeatureRequestError, JsonRpcException
from pygls.io_ import StdoutWriter
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, lsp_method

from konductor import __version__
from konductor.cli.lsp.convert import findings
from konductor.cli.lsp.document import Documents

_logger = logging.getLogger(__name__)


class _Protocol(LanguageServerProtocol):
    """Hands what is opened and typed to our documents, not to pygls' own."""

    _server: "Server"

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        """Take a file that was opened."""
        item = params.text_document
        self._server.documents.open(item.uri, item.version, item.text)
        self._server.mark(item.uri)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        """Take what was typed."""
        item = params.text_document
        changes = list(params.content_changes)
        self._server.documents.change(item.uri, item.version, changes)
        self._server.mark(item.uri)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        """Let go of a file that was closed, and of what was found in it."""
        uri = params.text_document.uri
        self._server.documents.close(uri)
        self._server.mark(uri)


class Server(LanguageServer):
    """The state of one connection: what is open, and of what findings are due."""

    def __init__(self, output: BinaryIO) -> None:
        """Write to `output`, which nobody else may write to."""
        super().__init__(
            "koncli",
            __version__,
            protocol_cls=_Protocol,
            converter_factory=get_converter,
        )
        self.protocol.set_writer(StdoutWriter(output))
        self.documents = Documents()
        self._due: dict[str, None] = {}

    # ---- messages ----

    def handle(self, message: dict[str, Any]) -> str:
        """Deal with one message; return why it cannot be understood, if so."""
        try:
            structured = self.protocol.structure_message(message)
        except JsonRpcException:
            return "the parameters are not what the method takes"
        self.protocol.handle_message(structured)
        return ""

    def refuse(self, identity: str | int | None, code: int, message: str) -> None:
        """Answer a request with an error."""
        error = types.ResponseError(code=code, message=message)
        self.protocol._send_response(identity, error=error)  # type: ignore[arg-type]  # noqa: SLF001  # null is the id of what has none; pygls offers no other way

    def report_server_error(self, error: Exception, source: object) -> None:
        """Tell of a failure in the editor's log and on standard error."""
        if source is FeatureRequestError and isinstance(error, JsonRpcException) and not error.data:
            return  # the answer has said it all
        _logger.error("%s", error)
        self.complain(f"koncli: {error}")

    def complain(self, message: str) -> None:
        """Write into the editor's log."""
        params = types.LogMessageParams(types.MessageType.Error, message)
        self.window_log_message(params)

    # ---- findings ----

    @property
    def has_findings_due(self) -> bool:
        """Tell whether something was typed of which the findings are not sent yet."""
        return bool(self._due)

    @property
    def _pulls(self) -> bool:
        """Tell whether the editor asks for findings itself: then it must not get them twice."""
        text = self.client_capabilities.text_document
        return text is not None and text.diagnostic is not None

    def mark(self, uri: str) -> None:
        """Note that a file is another than it was."""
        self._due[uri] = None

    def publish(self) -> None:
        """Send the findings of every file that is another than it was, or uses one."""
        due, self._due = self._due, {}
        if due:
            self._publish(due)
        self.documents.rest()

    def _publish(self, due: Collection[str]) -> None:
        dependent = [one.uri for one in self.documents.touch(due)]
        if self._pulls:
            if dependent and self._refreshes:
                self.workspace_diagnostic_refresh(None)
            return
        for uri in (*due, *dependent):
            self.text_document_publish_diagnostics(self._findings(uri))

    @property
    def _refreshes(self) -> bool:
        workspace = self.client_capabilities.workspace
        diagnostics = workspace.diagnostics if workspace is not None else None
        return diagnostics is not None and bool(diagnostics.refresh_support)

    def _findings(self, uri: str) -> types.PublishDiagnosticsParams:
        document = self.documents.find(uri)
        if document is None:
            return types.PublishDiagnosticsParams(uri, [])
        found = findings(document)
        return types.PublishDiagnosticsParams(uri, found, document.version)


def new_server(output: BinaryIO) -> Server:
    """Return a server that knows every feature."""
    from konductor.cli.lsp.feature import register  # noqa: PLC0415  # it imports this module

    server = Server(output)
    register(server)
    return server
