/** Name of the FIFO that carries all requests of one unit. */
export const requestFifo = 'request';

/** Reply FIFOs made beforehand; more tools than this at one time make their own. */
export const replySlots = ['0', '1', '2', '3'] as const;

/**
 * What stands behind every hook tool's name on PATH. A shell, because starting Node costs fifty times as much,
 * and nothing but builtins on the usual way, because each command would cost as much again. Any POSIX sh will do.
 *
 * A tool takes one of the reply FIFOs (creating the lock file with noclobber is atomic), writes one record to the
 * request FIFO and waits for one line: exit code, stdout, stderr, the latter two with a dot in front and escaped
 * for printf, or `@` when they lie in files because they are long. A record is NUL-terminated fields: slot,
 * context, working directory, tool, number of arguments, arguments. It stays under PIPE_BUF (4096 bytes), so that
 * records of several tools never mix: long arguments go through a file instead. `done` gives the slot back.
 */
export const toolClient = `#!/bin/sh
# A hook tool of a local Juju model: asks the unit's agent. The protocol is described in tool-client.ts.
unit=\${0%/*}
run=\${unit%/*}/run
tool=\${0##*/}
nl='
'
if ! [ -p "$run/request" ]; then
  echo 'ERROR cannot reach the unit agent' >&2
  exit 1
fi
set -C
slot=
for free in ${replySlots.join(' ')}; do
  if true >"$run/lock.$free"; then
    slot=$free
    break
  fi
done 2>/dev/null
if [ -z "$slot" ]; then
  slot=$$
  command -p mkfifo -m 600 "$run/reply.$slot" || exit 1
fi
exec 3<>"$run/reply.$slot" 4>"$run/request"
all=$PWD$JUJU_CONTEXT_ID$*
case $all in
  *"$nl"*) long=1 ;;
  *) if [ \${#all} -gt 800 ]; then long=1; else long=; fi ;;
esac
if [ "$long" ]; then
  if [ $# -gt 0 ]; then printf '%s\\0' "$PWD" "$JUJU_CONTEXT_ID" "$@"; else printf '%s\\0' "$PWD" "$JUJU_CONTEXT_ID"; fi >|"$run/args.$slot"
  printf '%s\\0' "$slot" '' '' "$tool" file >&4
else
  printf '%s\\0' "$slot" "$JUJU_CONTEXT_ID" "$PWD" "$tool" $# "$@" >&4
fi
IFS=' ' read -r code out err <&3
if [ "$code" = stdin ]; then
  command -p cat >|"$run/stdin.$slot"
  printf '%s\\0' "$slot" '' '' stdin 0 >&4
  IFS=' ' read -r code out err <&3
fi
case $out in
  .) ;;
  .*) printf "\${out#.}" ;;
  @) command -p cat "$run/stdout.$slot" ;;
esac
case $err in
  .) ;;
  .*) printf "\${err#.}" >&2 ;;
  @) command -p cat "$run/stderr.$slot" >&2 ;;
esac
printf '%s\\0' "$slot" '' '' done 0 >&4
exit "$code"
`;
