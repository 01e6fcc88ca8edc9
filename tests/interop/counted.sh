# Shell functions for steps of CI that consist of several runs, each of which ends with a line 'N passed, N failed'. They want
# $root and $here.
passed=0
failed=0
log=$(mktemp)
trap 'rm -f "$log" "$log.code"' EXIT

skip() {
  echo "${here#"$root/"}: skipped: $1"
}

finish() {
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ]
  exit
}

# counted NAME COMMAND...: runs it, shows what it prints, and adds the counts that it ends with. No counts are a failure.
counted() {
  printf '\n--- %s\n' "$1"
  shift
  { code=0; "$@" </dev/null 2>&1 || code=$?; echo $code >"$log.code"; } | tee "$log"
  if last=$(tail -n 1 "$log" | grep -E '^[0-9]+ passed, [0-9]+ failed$'); then
    bad=${last#*, }
    bad=${bad% failed}
    passed=$((passed + ${last%% passed*}))
  else
    bad=1
  fi
  [ "$(cat "$log.code")" -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
  failed=$((failed + bad))
}
