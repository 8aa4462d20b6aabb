"""What bash and zsh run to complete koncli's words; fish runs click's own script.

click's scripts for these two put a space behind a word that goes on (`-p name=`), and lose the
backslash before a space.
"""

BASH = """\
_koncli_completion() {
  local IFS=$'\\n' word
  COMPREPLY=()
  while read -r word; do
    COMPREPLY+=("$word")
  done < <(env COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD \\
    _KONCLI_COMPLETE=bash_complete "$1")
}
complete -o nosort -o nospace -F _koncli_completion koncli
"""
"""A word that is whole has its space with it."""
ZSH = """\
#compdef koncli
_koncli_completion() {
  local -a response whole open
  local word told
  (( ! $+commands[koncli] )) && return 1
  response=("${(@f)$(env COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT-1)) \\
    _KONCLI_COMPLETE=zsh_complete koncli)}")
  for word told in $response; do
    if [[ $word == *[=/] ]]; then open+=("$word$told"); else whole+=("$word$told"); fi
  done
  (( $#whole )) && _describe -V unsorted whole -U
  (( $#open )) && _describe -V unsorted open -U -S ''
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _koncli_completion "$@"
else
  compdef _koncli_completion koncli
fi
"""
