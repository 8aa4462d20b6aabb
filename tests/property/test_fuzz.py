from itertools import islice

from tests.fuzz.__main__ import inputs, put_through


def test_neither_bytes_nor_words_nor_edits_raise() -> None:
    for _, data in islice(inputs(1), 1_500):
        put_through(data)
