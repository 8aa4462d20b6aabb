"""The rules for names, label keys and the like, with the sentences that the real server says."""

import re

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_QUALIFIED = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_VALUE = f"({_QUALIFIED})?"
_CONFIG_KEY = "[-._a-zA-Z0-9]+"
_LABEL_MAX, _SUBDOMAIN_MAX, _PORT_MAX = 63, 253, 15

_NOT_LABEL = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
    "must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used "
    f"for validation is '{_LABEL}')"
)
_NOT_SUBDOMAIN = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    "'.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used "
    f"for validation is '{_SUBDOMAIN}')"
)
_NOT_QUALIFIED = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end "
    "with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
    f"validation is '{_QUALIFIED}')"
)
_NOT_VALUE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or "
    "'.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  "
    f"or '12345', regex used for validation is '{_VALUE}')"
)
_NOT_KEY = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name', "
    f" or 'KEY_NAME',  or 'key-name', regex used for validation is '{_CONFIG_KEY}')"
)


def dns_label(name: str) -> list[str]:
    """Return what keeps a name from being an RFC 1123 label."""
    wrong = _sized(name, _LABEL_MAX)
    if re.fullmatch(_LABEL, name):
        return wrong
    dotted = re.fullmatch(_SUBDOMAIN, name)
    return [*wrong, "must not contain dots" if dotted else _NOT_LABEL]


def dns_subdomain(name: str) -> list[str]:
    """Return what keeps a name from being an RFC 1123 subdomain."""
    return _sized(name, _SUBDOMAIN_MAX) + _matched(name, _SUBDOMAIN, _NOT_SUBDOMAIN)


def path_segment(name: str) -> list[str]:
    """Return what keeps a name from being one segment of a URL's path, as roles are named."""
    if name in (".", ".."):
        return [f"may not be '{name}'"]
    return [f"may not contain '{character}'" for character in "/%" if character in name]


def qualified_name(name: str) -> list[str]:
    """Return what keeps a text from being a label key or the like, ``example.com/name``."""
    prefix, slash, last = name.rpartition("/")
    if "/" in prefix:
        return [
            (
                "a qualified name must consist of alphanumeric characters, '-', '_' or '.', and "
                "must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  "
                f"or '123-abc', regex used for validation is '{_QUALIFIED}') with an optional DNS "
                "subdomain prefix and '/' (e.g. 'example.com/MyName')"
            )
        ]
    wrong = []
    if slash:
        wrong += [f"prefix part {text}" for text in _prefix(prefix)]
    if not last:
        wrong.append("name part must be non-empty")
    elif len(last) > _LABEL_MAX:
        wrong.append(f"name part must be no more than {_LABEL_MAX} bytes")
    return wrong + _matched(last, _QUALIFIED, _NOT_QUALIFIED)


def label_value(value: str) -> list[str]:
    """Return what keeps a text from being the value of a label."""
    return _sized(value, _LABEL_MAX) + _matched(value, _VALUE, _NOT_VALUE)


def config_key(key: str) -> list[str]:
    """Return what keeps a text from being a key of a ConfigMap or Secret."""
    wrong = _sized(key, _SUBDOMAIN_MAX) + _matched(key, _CONFIG_KEY, _NOT_KEY)
    if key in (".", ".."):
        wrong.append(f"must not be '{key}'")
    elif key.startswith(".."):
        wrong.append("must not start with '..'")
    return wrong


def variable_name(name: str) -> list[str]:
    """Return what keeps a text from being the name of an environment variable."""
    if all(" " <= character <= "~" and character != "=" for character in name):
        return []
    return [
        (
            "a valid environment variable name must consist only of printable ASCII characters "
            "other than '='"
        )
    ]


def port_name(name: str) -> list[str]:
    """Return what keeps a text from being the name of a port."""
    wrong = []
    if len(name) > _PORT_MAX:
        wrong.append(f"must be no more than {_PORT_MAX} characters")
    if not re.fullmatch("[-a-z0-9]+", name):
        wrong.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not re.search("[a-z]", name):
        wrong.append("must contain at least one letter (a-z)")
    if "--" in name:
        wrong.append("must not contain consecutive hyphens")
    if name.startswith("-") or name.endswith("-"):
        wrong.append("must not begin or end with a hyphen")
    return wrong


def _prefix(prefix: str) -> list[str]:
    return ["must be non-empty"] if not prefix else dns_subdomain(prefix)


def _sized(text: str, limit: int) -> list[str]:
    return [f"must be no more than {limit} bytes"] if len(text.encode()) > limit else []


def _matched(text: str, pattern: str, sentence: str) -> list[str]:
    return [] if re.fullmatch(pattern, text) else [sentence]
