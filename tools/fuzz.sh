#!/bin/sh
# Builds the fuzz targets and runs each for an equal share of SECONDS of a processor (default 60). Fails on any finding; the input that made it
# is put under tests/fuzz/regression/TARGET/, where an ordinary unit test replays it from then on.
#
#   tools/fuzz.sh [SECONDS] [BUILD_FOLDER] [TARGETS]
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-60}
build=${2:-build-fuzz}
targets=${3:-fuzz_client_hello fuzz_server_messages fuzz_flow fuzz_preamble fuzz_dns_message fuzz_handshake fuzz_issuer_file fuzz_elf}

if [ ! -f "$build/build.ninja" ]; then
    # fuzzer-no-link: the rooms themselves are instrumented too, or the fuzzer would not see which way an input went.
    CC=clang meson setup "$build" -Dfuzz=true -Dtests=false -Db_sanitize=address,undefined -Db_lundef=false \
        -Dc_args=-fsanitize=fuzzer-no-link >"$build.log" 2>&1 || { cat "$build.log"; exit 1; }
fi
paths=
for target in $targets; do paths="$paths tests/fuzz/$target"; done
# shellcheck disable=SC2086
ninja -C "$build" $paths >"$build.log" 2>&1 || { cat "$build.log"; exit 1; }

share=$((seconds / $(echo "$targets" | wc -w)))
[ "$share" -ge 1 ] || share=1
# fuzz_one TARGET: a line on it; not 0 where something was found.
fuzz_one() {
    target=$1
    corpus=$build/corpus/$target
    found=$build/found/$target/
    mkdir -p "$corpus" "$found"
    rm -f "$found"*
    python3 tests/fuzz/seeds.py "$target" "$corpus"
    printf '%-22s %3d s  ' "$target" "$share"
    if "$build/tests/fuzz/$target" -max_total_time="$share" -max_len=8192 -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
        -artifact_prefix="$found" "$corpus" >"$build/$target.log" 2>&1; then
        awk '/number_of_executed_units/ {print $2 " inputs, no finding"}' "$build/$target.log"
        return 0
    fi
    mkdir -p "tests/fuzz/regression/$target"
    cp "$found"* "tests/fuzz/regression/$target/" 2>/dev/null || true
    echo "FOUND something: $build/$target.log; its input is in tests/fuzz/regression/$target/"
    tail -n 30 "$build/$target.log"
    return 1
}

# A target has one thread: as many run at once as there are processors. Each one's lines are kept, and come out together.
failed=0
processors=$(nproc)
# shellcheck disable=SC2086
set -- $targets
while [ "$#" -gt 0 ]; do
    batch=
    while [ "$#" -gt 0 ] && [ "$(echo "$batch" | wc -w)" -lt "$processors" ]; do
        batch="$batch $1"
        shift
    done
    processes=
    for target in $batch; do
        fuzz_one "$target" >"$build/$target.said" 2>&1 &
        processes="$processes $!"
    done
    for process in $processes; do wait "$process" || failed=1; done
    for target in $batch; do cat "$build/$target.said"; done
done
exit $failed
