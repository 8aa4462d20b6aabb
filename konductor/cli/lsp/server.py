"""pygls' server with our documents in the place of its own, and an answer for each failure.

pygls' documents end lines where Python does, at a form feed too, which the protocol does not.
"""

import logging
import traceback
from collections.abc import Callable
from typing import Any, BinaryIO

from lsprotocol import types
from pygls.io_ import StdoutWriter
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, lsp_method

from konductor import __version__
from konductor.cli.lsp.convert import diagnostic_of
from konductor.cli.lsp.document import Document, Documents
from konductor.dsl.semantic_version import NONE
