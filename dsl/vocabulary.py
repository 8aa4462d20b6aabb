"""What other tools call the things of this language, for those who come from there.

Argo, Tekton, GitHub Actions, GitLab, Snakemake, Nextflow, docker compose and Kubernetes itself.
"""

ATTRIBUTES = {
    **dict.fromkeys(("container", "docker", "docker_image", "runs-on", "runs_on"), "`image = …`"),
    **dict.fromkeys(("script", "shell_script", "steps", "exec", "cmd"), "`run = <<SH`"),
    **dict.fromkeys(("entrypoint", "commands"), "`command = […]`"),
    **dict.fromkeys(("environment", "envs", "variables", "vars"), "`env = { NAME = value }`"),
    **dict.fromkeys(
        ("count", "instances", "completions", "parallel", "shards", "pods"), "`replicas = N`"
    ),
    **dict.fromkeys(("concurrency", "max_parallel", "max-parallel"), "`parallelism = N`"),
    **dict.fromkeys(("strategy", "axes"), "`matrix { … }`"),
    **dict.fromkeys(
        ("timeout_seconds", "timeout-minutes", "deadline", "activeDeadlineSeconds"),
        "`timeout = 30m`",
    ),
    **dict.fromkeys(
        ("backoffLimit", "backoff_limit", "errorStrategy", "max_retries", "attempts"),
        "`retries = N`",
    ),
    **dict.fromkeys(("restartPolicy", "restart"), "`retries = N`: a failed pod is tried again"),
    **dict.fromkeys(
        ("continue-on-error", "allow_failure", "ignore_errors"), '`on_fail = "continue"`'
    ),
    **dict.fromkeys(("requests", "limits"), "`resources { cpu = 1, memory = 2Gi }`"),
    **dict.fromkeys(("cpus", "cpu"), "`resources { cpu = 1 }`"),
    **dict.fromkeys(("memory", "mem"), "`resources { memory = 2Gi }`"),
    **dict.fromkeys(("volumes", "volumeMounts", "volume"), '`mounts { "/path" = pvc("name") }`'),
    **dict.fromkeys(("working_dir", "workingDir", "cwd"), '`workdir = "…"`'),
    **dict.fromkeys(("serviceAccountName", "service-account"), '`service_account = "…"`'),
    **dict.fromkeys(("nodeSelector", "node-selector"), "`node_selector = { … }`"),
    **dict.fromkeys(("foreach", "for_each", "each", "items", "scatter"), "`map NAME over LIST {`"),
    **dict.fromkeys(
        ("depends_on", "dependsOn", "needs", "requires", "dependencies", "runAfter", "after"),
        "`after NAME` in the header: `stage NAME after OTHER {`",
    ),
    **dict.fromkeys(("if", "when", "condition"), "`when …` in the header: `stage NAME when … {`"),
    **dict.fromkeys(("name", "id"), "the name in the header: `stage NAME {`"),
    **dict.fromkeys(
        ("input", "inputs", "output", "outputs", "artifacts", "publishDir"),
        "files below `$KON_WORKSPACE`; the pipeline's `workspace` says which volume that is",
    ),
}
"""What to write for a word that is no attribute here; where nothing is misspelt."""
BLOCKS = {
    **dict.fromkeys(
        ("task", "job", "step", "process", "rule", "node", "stages", "tasks", "jobs", "steps"),
        "`stage NAME {`",
    ),
    **dict.fromkeys(("foreach", "scatter"), "`map NAME over LIST {`"),
    **dict.fromkeys(("workflow", "dag"), "`pipeline NAME {`"),
    **dict.fromkeys(("onExit", "on_exit", "always", "post"), "`finally NAME {`"),
    **dict.fromkeys(("variable", "input", "parameter", "argument"), "`param NAME: TYPE = DEFAULT`"),
    **dict.fromkeys(("locals", "const", "var", "def"), "`let NAME = VALUE`"),
}
"""What to write for a word that is no block of a pipeline."""
VALUES = {
    **dict.fromkeys(("yes", "on", "True", "TRUE"), "`true`"),
    **dict.fromkeys(("no", "off", "False", "FALSE"), "`false`"),
    **dict.fromkeys(("None", "nil", "undefined", "NULL"), "`null`"),
    "os": "`param NAME: TYPE`, which `KON_PARAM_NAME` in the environment sets",
}
"""What to write for a name that stands for nothing."""
EDGES = {
    **dict.fromkeys(("all", "and", "both"), "the names alone, for all of them: `after a, b`"),
    **dict.fromkeys(("success", "succeeded", "opened", "passed"), "the name alone: `after a`"),
    **dict.fromkeys(("finished", "completed", "ended", "always"), "`done(a)`"),
    **dict.fromkeys(("failure", "errored", "error"), "`failed(a)`"),
    **dict.fromkeys(("or", "either", "first", "one_of"), "`any(a, b)`"),
    **dict.fromkeys(("optional", "maybe", "skipped"), "`a?`"),
}
"""What to write for a word that is no edge."""
_KEYS = {name: ATTRIBUTES[name] for name in ("needs", "depends_on", "dependsOn", "runAfter")}
YAML_KEYS = _KEYS | {name: BLOCKS[name] for name in ("stages", "tasks", "jobs", "steps")}
"""What to write for a key of YAML that `=` alone would not make an attribute."""
