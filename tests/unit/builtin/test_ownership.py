from konductor.runner.local.apiserver.builtin.ownership import finalizer_errors, owner_errors

OWNER = {"apiVersion": "v1", "kind": "Pod", "name": "a", "uid": "u"}


def test_an_owner_is_named_in_full() -> None:
    assert list(owner_errors({"ownerReferences": [OWNER]})) == []
    wrong = [str(one) for one in owner_errors({"ownerReferences": [{"kind": "a", "name": "b"}]})]
    assert wrong == [
        "metadata.ownerReferences[0].apiVersion: Required value: must not be empty",
        "metadata.ownerReferences[0].uid: Required value: must not be empty",
    ]


def test_only_one_owner_controls() -> None:
    two = [{**OWNER, "controller": True}, {**OWNER, "name": "b", "controller": True}]
    (wrong,) = owner_errors({"ownerReferences": two})
    assert wrong.message.endswith('Found "true" in references for Pod/a and Pod/b')


def test_finalizers_of_built_in_kinds_carry_a_domain() -> None:
    metadata = {"finalizers": ["x", "orphan", "example.com/hold"]}
    (wrong,) = finalizer_errors(metadata, custom=False)
    assert (wrong.field, wrong.reason) == ("metadata.finalizers[0]", "FieldValueInvalid")
    assert list(finalizer_errors(metadata, custom=True)) == []
    assert list(finalizer_errors({"finalizers": ["a b"]}, custom=True))
