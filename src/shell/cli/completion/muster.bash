
# $1 is the command, $2 what is replaced: the end of the word at the cursor, since `=` and `:` begin another one to readline.
_muster() {
  local line=${COMP_LINE:0:COMP_POINT} quote= escaped= begun= word= char i skip=0
  local -a words=()
  local rows want inventory prefix terms found candidate
  for ((i = 0; i < ${#line}; i++)); do
    ((i == ${#line} - ${#2})) && skip=${#word}
    char=${line:i:1}
    if [[ -n $escaped ]]; then
      word+=$char escaped=
    elif [[ $char == \\ && $quote != \' ]]; then
      escaped=1 begun=1
    elif [[ -n $quote ]]; then
      if [[ $char == "$quote" ]]; then quote=; else word+=$char; fi
    elif [[ $char == \" || $char == \' ]]; then
      quote=$char begun=1
    elif [[ $char == [[:space:]] ]]; then
      [[ -n $begun ]] && words+=("$word")
      word= begun=
    else
      word+=$char begun=1
    fi
  done
  [[ -z $2 ]] && skip=${#word}
  COMPREPLY=()
  _muster_look "$word" "${words[@]:1}"
  case $want in
    file) compopt -o default 2>/dev/null ;;
    folder) compopt -o dirnames 2>/dev/null ;;
  esac
  while IFS= read -r candidate; do
    case $want in option | *command) candidate=${candidate%%:*} ;; esac
    candidate=$prefix$terms$candidate
    [[ $candidate == "$word"* ]] || continue
    # The line is code: whatever a name has in it is quoted as the word is.
    candidate=${candidate:skip}
    case $quote in
      \') candidate=${candidate//\'/\'\\\'\'} ;;
      \")
        # Nothing keeps this one from the history within double quotes.
        [[ $candidate == *!* ]] && continue
        candidate=${candidate//\\/\\\\} candidate=${candidate//\"/\\\"}
        candidate=${candidate//\$/\\\$} candidate=${candidate//\`/\\\`}
        ;;
      *) printf -v candidate %q "$candidate" ;;
    esac
    COMPREPLY+=("$candidate")
  done < <(_muster_candidates)
}

complete -F _muster muster
