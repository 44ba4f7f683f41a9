
# Sets `found` to the value of the row with this name.
_muster_find() {
  found=${rows#*$'\n'"$1|"}
  [[ $found != "$rows" ]] && found=${found%%'|'*}
}

# Sets `want` to what the word at the cursor can be, of which $1 is the beginning; the others are the words before it.
# `inventory` is the file that these name, `rows` describes their command, `prefix` is an option with its `=`, and `terms` is what
# comes before the last term of a selector.
_muster_look() {
  local current=$1 command= word= pending= option= ended= operands=1
  shift
  want= inventory= prefix= terms=
  _muster_rows ''
  while [[ $# -gt 0 && $1 == [a-z]* ]] && _muster_find "$1"; do
    command="${command:+$command }$1"
    _muster_rows "$command"
    shift
  done
  for word in "$@"; do
    if [[ -n $ended || $word != -?* ]]; then
      case $pending in
        '') operands=$((operands + 1)) ;;
        *...) ;;
        *)
          [[ $option == -i || $option == --inventory ]] && inventory=$word
          pending=
          ;;
      esac
    elif [[ $word == -- ]]; then
      ended=1 pending=
      _muster_find -- && pending=$found
    else
      option=${word%%=*} pending=
      if [[ $word != --*=* ]]; then
        _muster_find "$word" && pending=$found
      elif [[ $option == --inventory ]]; then
        inventory=${word#*=}
      fi
    fi
  done
  if [[ -z $ended && $current == --*=* ]]; then
    prefix=${current%%=*}=
    _muster_find "${current%%=*}" && want=${found%...}
  elif [[ -z $ended && $current == -* && ( -z $pending || $pending == *... ) ]]; then
    want=option
  elif [[ -n $pending ]]; then
    want=${pending%...}
  elif _muster_find "#$operands" || _muster_find '#*'; then
    want=$found
  else
    want=subcommand
  fi
  case $want in
    command)
      [[ $command == *' '* ]] || command=
      _muster_rows "${command% *}"
      ;;
    selector)
      current=${current#"$prefix"}
      terms=${current%"${current##*[,!]}"}
      # A comma within brackets begins no term.
      [[ ${terms##*[])]} == *[[\(]* ]] && terms=
      ;;
  esac
  return 0
}

# Prints what the word can be, one on a line. Never an error: the person is in the middle of a line.
_muster_candidates() {
  local name value description
  case $want in
    '='*) printf '%s\n' "${want:1}" | tr , '\n' ;;
    option | command | subcommand)
      while IFS='|' read -r name value description; do
        case $want:$name in
          *: | *:-- | *:'#'*) ;;
          option:-* | *command:[!-]*) printf '%s\n' "$name:$description" ;;
        esac
      done <<<"$rows"
      ;;
    selector | host | check | cluster | log | profiler)
      command muster completion --names "$want" ${inventory:+--inventory="${inventory/#\~\//$HOME/}"} \
        2>/dev/null </dev/null
      ;;
  esac
}
