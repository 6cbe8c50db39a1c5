#!/usr/bin/env bash
# usage: complete.bash SCRIPT LINE
# Prints the completions that a script offers at the end of a line. As in bash, the line's words are
# split at blanks and "=".
# shellcheck source=/dev/null
source "$1"
COMP_LINE=$2
COMP_POINT=${#COMP_LINE}
COMP_WORDBREAKS=$' \t\n"\'><=;|&(:'
spaced=${COMP_LINE//=/ = }
read -r -a COMP_WORDS <<<"$spaced"
case $COMP_LINE in *' ') COMP_WORDS+=("") ;; esac
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
COMPREPLY=()
"$(complete -p txsim | sed 's/.*-F \([^ ]*\) .*/\1/')" txsim "${COMP_WORDS[COMP_CWORD]}" ""
if [ ${#COMPREPLY[@]} -gt 0 ]; then printf '%s\n' "${COMPREPLY[@]}"; fi
