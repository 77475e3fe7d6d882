#!/bin/bash
# Configures a build folder where that has not been done, and builds: tools/build.sh FOLDER [MESON-OPTION...]
# An existing folder keeps its settings, but for the options named.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:?a folder}
shift
if [ ! -f "$folder/build.ninja" ]; then
    rm -rf "$folder/meson-private" # of a configuration that failed
    meson setup "$folder" --prefix "${PREFIX:-/usr/local}" "$@"
elif [ "$#" -gt 0 ]; then
    meson configure "$folder" "$@"
fi
ninja -C "$folder"
