#!/bin/bash
# Installs what is missing, and only that: tools/setup.sh LIST...
#
#   LIST   build | check | lab | demo | bench: the files of tools/packages/
#
# Asks dpkg first, so that where nothing is missing nothing is fetched. On systems without apt-get it says what is needed and goes
# on: the build itself tells whether it is there. The packages of the lab and of the bench are wanted, not needed: where they
# cannot be installed, that is said, and what needs them is skipped. Nothing is removed for them: two mail servers may exclude
# each other.
set -euo pipefail
cd "$(dirname "$0")/packages"

missing_of() {
    local package command
    while read -r package command; do
        case $package in '' | '#'*) continue ;; esac
        if [ -n "$command" ] && command -v "$command" >/dev/null; then continue; fi
        if dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null | grep -q '^install ok installed$'; then continue; fi
        echo "$package"
    done <"$1.txt"
}

names_of() { sed -E '/^(#|$)/d; s/ .*//' "$1.txt" | tr '\n' ' '; }

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        echo "setup: this takes root: become root, or install sudo, or run as root: $*" >&2
        return 1
    fi
}

# Debian starts a server as soon as it is installed. We want nginx's program, not a web server on port 80: policy-rc.d says so.
policy=/usr/sbin/policy-rc.d
install_quietly() {
    local policy_is_ours=
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
        policy_is_ours=yes
    fi
    local status=0
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-remove --no-install-recommends "$@" </dev/null || status=$?
    [ -z "$policy_is_ours" ] || as_root rm -f "$policy"
    return "$status"
}

is_wanted_only() { [ "$1" = lab ] || [ "$1" = bench ]; }

updated=
for list in "${@:?build, check, lab, demo or bench}"; do
    [ -f "$list.txt" ] || { echo "setup: no list $list" >&2; exit 2; }
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        echo "setup: not a Debian system. By their names in Debian 12, $list needs: $(names_of "$list")" >&2
        continue
    fi
    mapfile -t missing < <(missing_of "$list")
    [ "${#missing[@]}" -gt 0 ] || continue
    echo "setup: installing ${missing[*]}"
    if [ -z "$updated" ]; then as_root apt-get update -q </dev/null || true; updated=yes; fi
    if install_quietly "${missing[@]}"; then continue; fi
    if ! is_wanted_only "$list"; then
        echo "setup: cannot install: ${missing[*]}. They are needed." >&2
        exit 1
    fi
    # One that cannot be had must not keep the others out.
    for package in "${missing[@]}"; do
        install_quietly "$package" || echo "setup: no $package here: what needs it is skipped" >&2
    done
done
