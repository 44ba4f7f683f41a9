
_muster() {
  local rows want inventory prefix terms found
  local -a candidates
  _muster_look "${(Q)PREFIX}" "${(@Q)words[2,CURRENT-1]}"
  [[ -n $prefix ]] && compset -P 1 '*='
  [[ -n $terms ]] && compset -P '*[,!]'
  case $want in
    file) _files ;;
    folder) _files -/ ;;
    *)
      candidates=("${(@f)$(_muster_candidates)}")
      case $want in
        option) _describe -o option candidates ;;
        *command) _describe command candidates ;;
        *) compadd -- "${(@)candidates:#}" ;;
      esac
      ;;
  esac
}

if [[ ${zsh_eval_context[-1]} == loadautofunc ]]; then
  _muster "$@"
elif (( $+functions[compdef] )); then
  compdef _muster muster
else
  print -u2 'muster completion: run "autoload -Uz compinit; compinit" before this script'
fi
