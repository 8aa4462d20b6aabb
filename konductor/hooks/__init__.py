"""What runs inside pods: waits for a barrier and arrives at one. Stdlib only, transitively.

As processes these are ``koncli hook wait|arrive NAME`` and ``koncli barrier wait|arrive NAME``.
A node agent that has this package runs the two pod hooks in threads of its own instead, each
thread blocked in a read most of its life (so none of a small shared pool)::

    from konductor.hooks import sidecar, wait
    from konductor.hooks.stop import Stop

    term, kill = Stop(), Stop()  # .set() is safe from any thread, also from a loop
    code = sidecar.run(
        barrier, connection=…, environment=…, output=text_stream, term=term, kill=kill
    )  # and wait.run likewise

``environment`` holds ``KON_NAMESPACE``, ``KON_POD`` and ``KON_PARTICIPANT``. ``term`` is the TERM
signal: the hook ends as soon as it may; ``kill`` ends it at once. Both return the exit code of the
container and raise nothing.
"""
