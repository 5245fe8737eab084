#!/usr/bin/env bash
# What action.yml runs: CORPUS is scanned for TASKS, RUNS are reported on, and both are printed as Markdown.
# Exit code 1 where the gate holds the data back or a score is called inflated, 2 for bad input.
set -u
code=0

section() { # section TITLE COMMAND...
  local title=$1 text status
  shift
  text=$("$@" 2>&1)
  status=$?
  printf '### %s\n\n```text\n%s\n```\n\n' "$title" "${text//\`\`\`/\'\'\'}"
  [ "$status" -gt "$code" ] && code=$status
}

if [ -n "${CORPUS:-}" ]; then
  [ -n "${TASKS:-}" ] || { echo "corpus is given and tasks is not: name the benchmarks to look for"; exit 2; }
  # shellcheck disable=SC2086  # globs and lists of paths
  section "Benchmark items in the training data" rarl-eval scan -t "$TASKS" --gate "${GATE:-near}" -c $CORPUS
fi
if [ -n "${RUNS:-}" ]; then
  # shellcheck disable=SC2086
  section "Whether the scores can be believed" rarl-eval report --run $RUNS ${SCANS:+--scan $SCANS} --out rarl-eval-report
  if grep -q '"verdict": *"inflated"' rarl-eval-report/report.json 2>/dev/null && [ "$code" -lt 1 ]; then code=1; fi
fi
[ -n "${CORPUS:-}${RUNS:-}" ] || { echo "neither corpus nor runs is given: there is nothing to do"; exit 2; }
exit "$code"
