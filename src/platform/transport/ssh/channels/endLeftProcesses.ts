/**
 * Ends the process groups of all sessions of this connection but its own, and but those with a terminal, which ends
 * them by itself when it is hung up. sshd passes no signals on to commands of root ("session signalling requires
 * privilege separation"), and lets them run on when their channel is closed.
 * Only where the parent is a process of sshd, which has no other connection, and where /proc tells its children.
 */
export const endLeftProcesses = [
  'read -r parent </proc/$PPID/comm',
  '[ "${parent#sshd}" != "$parent" ] || exit',
  'for p in $(cat /proc/$PPID/task/$PPID/children); do [ $p = $$ ] && continue',
  // "pid (name) state ppid pgrp session tty …": the name may hold spaces and parentheses.
  'read -r stat </proc/$p/stat && set -- ${stat##*) } && [ "$5" = 0 ] && kill -s TERM -- -$p',
  'done',
].join('; ');
