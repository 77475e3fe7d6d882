#!/bin/bash
# check.sh: everything that has to be right. Each part prints its own lines; a part that fails does not stop the others.
# The last line is the sum of all: "N passed, N failed, N skipped". Build folders: build, build-sanitize, build-fuzz.
set -u
cd "$(dirname "$0")/.." || exit 1
passed=0 failed=0 skipped=0
failures=() skips=()
log=$(mktemp)
trap 'rm -f "$log"' EXIT

count() { passed=$((passed + $1)); failed=$((failed + $2)); skipped=$((skipped + ${3:-0})); }

# part NAME COMMAND...: one thing that passes or fails as a whole.
part() {
    local name=$1
    shift
    echo "== $name"
    if "$@"; then count 1 0 0; else count 0 1 0; failures+=("$name"); fi
}

# meson_part NAME BUILD SUITE [OPTION...]: counts Meson's tests.
meson_part() {
    local name=$1 build=$2 suite=$3
    shift 3
    echo "== $name"
    meson test -C "$build" --suite "$suite" --no-rebuild --print-errorlogs "$@" >"$log" 2>&1
    local status=$?
    local ok bad skip
    ok=$(sed -n 's/^Ok: *\([0-9]*\).*/\1/p' "$log")
    bad=$(sed -n 's/^\(Fail\|Timeout\|Unexpected Pass\): *\([0-9]*\).*/\2/p' "$log" | awk '{s += $1} END {print s + 0}')
    skip=$(sed -n 's/^Skipped: *\([0-9]*\).*/\1/p' "$log")
    count "${ok:-0}" "$bad" "${skip:-0}"
    mapfile -t names < <(sed -n 's/^ *[0-9]*\/[0-9]* \(.*[^ ]\) *SKIP .*/\1/p' "$log")
    for test in "${names[@]}"; do skips+=("$name: $test"); done
    grep -E '^(Ok|Fail|Skipped|Timeout):' "$log"
    if [ "$status" != 0 ] || [ "${ok:-0}" = 0 ]; then
        [ "$bad" != 0 ] || count 0 1 0
        failures+=("$name")
        tail -n 60 "$log"
    fi
}

# counted_part NAME COMMAND...: the command's last line is "N passed, N failed, N skipped"; lines "skipped NAME" are its skips.
counted_part() {
    local name=$1
    shift
    echo "== $name"
    "$@" 2>&1 | tee "$log"
    local status=${PIPESTATUS[0]} sum
    sum=$(grep -E '^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$' "$log" | tail -n 1 | grep -oE '[0-9]+' | tr '\n' ' ')
    # shellcheck disable=SC2086 # three numbers
    if [ -n "$sum" ]; then count $sum; else count 0 1 0; fi
    mapfile -t names < <(sed -n 's/^skipped  *//p' "$log")
    for test in "${names[@]}"; do skips+=("$name: $test"); done
    [ "$status" = 0 ] || failures+=("$name")
}

build_sanitized() {
    [ -f build-sanitize/build.ninja ] || meson setup build-sanitize -Db_sanitize=address,undefined -Db_lundef=false >/dev/null || return 1
    ninja -C build-sanitize >"$log" 2>&1 || { tail -n 40 "$log"; return 1; }
}

counted_part "lint" python3 tools/lint.py
part "build" tools/build.sh build -Dtests=true -Dwerror=true
meson_part "unit tests" build unit --timeout-multiplier 2
part "build with sanitizers" build_sanitized
meson_part "unit tests with sanitizers" build-sanitize unit --timeout-multiplier 5 # it takes as many times as long
meson_part "simulated world" build sim
meson_part "watched and not: no difference" build lab --num-processes 2 # they mostly wait; more would disturb their times
[ ! -f tests/sim/run_mutants.py ] || counted_part "deliberate defects" python3 tests/sim/run_mutants.py
part "fuzzing for a minute" tools/fuzz.sh 60
counted_part "lab and command line, as an ordinary user" tools/lab.sh build/tlswhy
counted_part "examples of the documents" python3 tools/test_docs.py build/tlswhy

echo
for name in ${skips[@]+"${skips[@]}"}; do echo "skipped: $name"; done
for name in ${failures[@]+"${failures[@]}"}; do echo "failed: $name"; done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ ${#failures[@]} = 0 ]
