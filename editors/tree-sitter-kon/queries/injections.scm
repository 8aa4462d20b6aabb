; A heredoc's tag tells what is in it.

((heredoc (heredoc_start) @_tag (heredoc_body) @injection.content)
  (#match? @_tag "^<<\\$?(SH|BASH|SHELL)$")
  (#set! injection.language "bash"))

((heredoc (heredoc_start) @_tag (heredoc_body) @injection.content)
  (#match? @_tag "^<<\\$?(PY|PYTHON)$")
  (#set! injection.language "python"))

((heredoc (heredoc_start) @_tag (heredoc_body) @injection.content)
  (#match? @_tag "^<<\\$?(YAML|YML)$")
  (#set! injection.language "yaml"))

((heredoc (heredoc_start) @_tag (heredoc_body) @injection.content)
  (#match? @_tag "^<<\\$?JSON$")
  (#set! injection.language "json"))

((heredoc (heredoc_start) @_tag (heredoc_body) @injection.content)
  (#match? @_tag "^<<\\$?SQL$")
  (#set! injection.language "sql"))
