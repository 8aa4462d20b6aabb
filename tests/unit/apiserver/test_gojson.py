"""Messages are those of kube-apiserver 1.37, which are those of Go's decoder."""

import pytest

from konductor.runner.local.apiserver.answer import Refusal
from konductor.runner.local.apiserver.body import read

_TYPE = (
    r'struct { APIVersion string "json:\"apiVersion,omitempty\""; '
    r'Kind string "json:\"kind,omitempty\"" }'
)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "unexpected end of JSON input (<empty>)"),
        (b"{", "unexpected end of JSON input ({)"),
        (b"[", "unexpected end of JSON input (5b)"),
        (b"   ", "unexpected end of JSON input (202020)"),
        (b'{"a":"x', 'unexpected end of JSON input ({"a":"x)'),
        (b"[]", f"json: cannot unmarshal array into Go value of type {_TYPE} (5b5d)"),
        (b'"a"', f"json: cannot unmarshal string into Go value of type {_TYPE} (226122)"),
        (b"5", f"json: cannot unmarshal number into Go value of type {_TYPE} (35)"),
        (b"true", f"json: cannot unmarshal bool into Go value of type {_TYPE} (74727565)"),
        (b"x", "invalid character 'x' looking for beginning of value (78)"),
        (b'{"a":}', "invalid character '}' looking for beginning of value ({\"a\":})"),
        (b'{"a" 5}', "invalid character '5' after object key ({\"a\" 5})"),
        (b"{5:1}", "invalid character '5' looking for beginning of object key string ({5:1})"),
        (b"[1,]", "invalid character ']' looking for beginning of value (5b312c5d)"),
        (b"[1 2]", "invalid character '2' after array element (5b3120325d)"),
        (
            b'{"a":1 "b":2}',
            'invalid character \'"\' after object key:value pair ({"a":1 "b":2})',
        ),
        (b'{"a":1}}', "invalid character '}' after top-level value ({\"a\":1}})"),
        (b'{"a":01}', "invalid character '1' after object key:value pair ({\"a\":01})"),
        (b'{"a":"\\q"}', 'invalid character \'q\' in string escape code ({"a":"\\q"})'),
        (b'{"a":"\x01"}', 'invalid character \'\\x01\' in string literal ({"a":"\x01"})'),
        (b'{"a":NaN}', "invalid character 'N' looking for beginning of value ({\"a\":NaN})"),
        (b"\xff\xfe", "invalid character 'ÿ' looking for beginning of value (fffe)"),
    ],
)
def test_a_body_that_is_no_object_is_told_in_gos_words(data: bytes, told: str) -> None:
    with pytest.raises(Refusal) as refused:
        read(data, "application/json", "Barrier", custom=True)
    head = "the object provided is unrecognized (must be of type Barrier): "
    assert refused.value.message == f"{head}couldn't get version/kind; json parse error: {told}"


def test_long_bodies_are_shown_in_part() -> None:
    with pytest.raises(Refusal) as refused:
        read(b'{"a": ' + b"x" * 50, "", "Barrier", custom=True)
    assert refused.value.message.endswith('({"a": xxxxxxxxxxxxxxxxxxxxxxxx ...)')


def test_deep_bodies_are_refused() -> None:
    with pytest.raises(Refusal):
        read(b"[" * 100_000, "", "Barrier", custom=True)


def test_nothing_is_an_empty_object_of_a_built_in_kind() -> None:
    assert read(b"null", "", "ConfigMap", custom=False).document == {}
    with pytest.raises(Refusal) as refused:
        read(b"null", "", "Barrier", custom=True)
    assert "Object 'Kind' is missing in 'null' (6e756c6c)" in refused.value.message


def test_fields_that_come_twice_are_found_anywhere() -> None:
    body = read(b'{"a":{"b":1,"b":2},"c":[{"d":1,"d":1}],"a":{"e":1,"e":2}}', "", "X", custom=True)
    assert body.duplicates == ("a", "a.e", "c[0].d")
    assert body.document["a"] == {"e": 2}


def test_numbers_are_those_of_go() -> None:
    found = read(b'{"a":9223372036854775807,"b":9223372036854775808}', "", "X", custom=True)
    assert found.document == {"a": 9223372036854775807, "b": 9223372036854775808.0}
    assert isinstance(found.document["b"], float)


def test_halves_of_characters_become_the_replacement_character() -> None:
    assert read(rb'{"\ud800":["\udc00"]}', "", "X", custom=True).document == {"�": ["�"]}


def test_yaml_has_no_times() -> None:
    found = read(b"a: 2024-01-01\nb: [1, true]", "application/yaml", "X", custom=True)
    assert found.document == {"a": "2024-01-01", "b": [1, True]}


@pytest.mark.parametrize("data", [b"a: [", b"- 1", b"? [a]\n: b", b"\x00"])
def test_yaml_that_is_no_object_is_refused(data: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        read(data, "application/yaml; charset=utf-8", "X", custom=True)
    assert refused.value.code == 400


@pytest.mark.parametrize("media", ["text/plain", "application/vnd.kubernetes.protobuf"])
def test_other_types_of_bodies_are_refused_for_custom_kinds(media: str) -> None:
    with pytest.raises(Refusal) as refused:
        read(b"{}", media, "X", custom=True)
    assert refused.value.code == 415


def test_numbers_of_yaml_are_those_of_json() -> None:
    found = read(b"a: 9223372036854775808", "application/yaml", "X", custom=True)
    assert isinstance(found.document["a"], float)
    with pytest.raises(Refusal):
        read(b"a: .nan", "application/yaml", "X", custom=True)
