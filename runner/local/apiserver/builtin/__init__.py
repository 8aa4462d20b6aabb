"""What the local cluster knows of Kubernetes' own types, taken from a real API server.

- `schema`: the published schemas, loaded when first asked for
- `decode`: unknown fields and type errors, in the words of the Go decoder
- `strategic`: strategic merge patch, driven by the schemas
- `protobuf`: request bodies that kubectl sends as protobuf
- `table`: what ``kubectl get`` shows
- `job`, `pod`, ...: defaults, validation and what may change, one kind a module
- `registry`: every built-in resource as the value that the API server mounts
- `regenerate`: makes the data files anew; never imported by the rest
"""
