#!/bin/bash
# lab.sh TLSWHY: the lab and the tests of the command line, as an ordinary user also when root runs them.
# What they need is copied where that user can read it: the checkout may lie in a folder that is closed to others.
set -eu
cd "$(dirname "$0")/.."
tlswhy=$(realpath "${1:?the program}")
passed=0 failed=0 skipped=0 status=0
home=
# Root's copy goes when it ends; the downloads stay, for the next time.
trap '[ -z "$home" ] || rm -rf "$home"' EXIT
export LAB_CACHE=${LAB_CACHE:-/var/tmp/tlswhy-lab}

as_user() { "$@"; }
if [ "$(id -u)" = 0 ]; then
    home=$(mktemp -d)
    chmod 755 "$home"
    cp -r tests doc data "$home/"
    mkdir "$home/src"
    cp -r src/causes "$home/src/" # whose lines lines.py reads
    mkdir "$home/bin" # beside data, where the program looks for its profiles
    cp "$tlswhy" "$home/bin/tlswhy"
    [ ! -d build/tests/lab ] || { mkdir -p "$home/build/tests"; cp -r build/tests/lab build/tests/tools "$home/build/tests/" 2>/dev/null || true; }
    mkdir -p "$LAB_CACHE" "$home/home"
    chown -R nobody "$home" "$LAB_CACHE"
    tlswhy=$home/bin/tlswhy
    cd "$home"
    # Root's own PATH may lead to where that user may not read.
    PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin
    export PATH HOME=$home/home
    as_user() { setpriv --reuid=nobody --regid=nogroup --clear-groups --no-new-privs "$@"; }
fi

# add_up LOG: the last line of a script that has ended goes into the sum.
add_up() {
    local sum
    sum=$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$1" | tail -n 1 | grep -oE '[0-9]+' | tr '\n' ' ' || true)
    if [ -z "$sum" ]; then failed=$((failed + 1)); status=1; return; fi
    read -r p f s <<<"$sum"
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

# Runs one script, passes its lines on, and adds up its last one.
run() {
    local log
    log=$(mktemp)
    echo "-- $1"
    as_user python3 "$@" 2>&1 | tee "$log"
    [ "${PIPESTATUS[0]}" = 0 ] || status=1
    add_up "$log"
    rm -f "$log"
}

# These measure no time and mostly wait: they go on beside the long one, and their lines come after it.
beside=()
start() {
    local log
    log=$(mktemp)
    (echo "-- $1"; as_user python3 "$@") >"$log" 2>&1 &
    beside+=("$! $log")
}

finish() {
    local pair
    for pair in "${beside[@]}"; do
        wait "${pair%% *}" || status=1
        cat "${pair##* }"
        add_up "${pair##* }"
        rm -f "${pair##* }"
    done
}

for script in tests/cli/test_*.py tests/lab/trace/run.py; do [ ! -f "$script" ] || run "$script" --tlswhy "$tlswhy"; done
start tests/lab/lines.py
start tests/lab/programs.py --tlswhy "$tlswhy"
run tests/lab/run.py --tlswhy "$tlswhy" --jobs 3
finish
run tests/lab/compare_scanners.py --tlswhy "$tlswhy"
run tests/lab/server_options.py --tlswhy "$tlswhy"
run tests/lab/server_kinds.py --tlswhy "$tlswhy"
run tests/lab/server_faults.py --tlswhy "$tlswhy"
run tests/lab/server_upgrades.py --tlswhy "$tlswhy"
echo "$passed passed, $failed failed, $skipped skipped"
exit $status
