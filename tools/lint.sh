#!/bin/bash
# lint.sh: the gates, each a small script under tools/gates/. Each lists what it found together with the cure.
set -u
cd "$(dirname "$0")/.."
status=0
for gate in tools/gates/*.py; do
    if python3 "$gate"; then echo "ok      $(basename "$gate" .py)"; else echo "FAILED  $(basename "$gate" .py)"; status=1; fi
done
exit $status
