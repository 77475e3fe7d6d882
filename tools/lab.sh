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

# add_up LOG: the last lines of the scripts that have ended go into the sum.
add_up() {
    local p f s
    while read -r p f s; do
        passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    done < <(sed -nE 's/^([0-9]+) passed, ([0-9]+) failed, ([0-9]+) skipped$/\1 \2 \3/p' "$1")
}

# one SCRIPT [ARGUMENT...]: a script that does not end with its sum counts as a failure.
one() {
    local log failed=0
    log=$(mktemp)
    echo "-- $1"
    as_user python3 "$@" 2>&1 | tee "$log"
    [ "${PIPESTATUS[0]}" = 0 ] || failed=1
    if ! grep -qE '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$log"; then
        echo "0 passed, 1 failed, 0 skipped"
        failed=1
    fi
    rm -f "$log"
    return $failed
}

# The many short ones, one after the other, go on beside the long one; their lines come after it.
short_ones() {
    local failed=0 script
    for script in tests/cli/test_*.py; do one "$script" --tlswhy "$tlswhy" || failed=1; done
    one tests/lab/lines.py || failed=1
    for script in programs compare_scanners server_options server_kinds server_faults server_upgrades; do
        one "tests/lab/$script.py" --tlswhy "$tlswhy" || failed=1
    done
    return $failed
}

logs=$(mktemp -d)
short_ones >"$logs/short" 2>&1 &
beside=$!
one tests/lab/run.py --tlswhy "$tlswhy" --jobs 3 2>&1 | tee "$logs/long"
[ "${PIPESTATUS[0]}" = 0 ] || status=1
wait "$beside" || status=1
cat "$logs/short"
for log in "$logs"/*; do add_up "$log"; done
rm -rf "$logs"
echo "$passed passed, $failed failed, $skipped skipped"
exit $status
