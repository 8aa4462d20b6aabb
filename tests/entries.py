"""The catalogue's programs, compiled with what stands beside them."""

from collections.abc import Mapping

from konductor.dsl.catalogue import Entry
from konductor.dsl.compile import Compiled, compile_source


def compiled(entry: Entry, text: str, given: Mapping[str, str]) -> Compiled:
    def load(path: str) -> str:
        if path not in entry.files:
            raise FileNotFoundError(2, "No such file or directory")
        return entry.files[path]

    return compile_source(text, path="etl.kon", parameters=given, loader=load)
