#!/bin/bash
# arm64.sh FOLDER: builds the last commit for arm64 and runs its unit tests under emulation, in a Debian 12 of its own in FOLDER.
# As root; needs debootstrap and qemu-user-static. What traces a command is built, and its pure parts are tested: an emulator of
# single processes passes no seccomp filters on.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$(realpath -m "${1:?a folder}")/root

if [ ! -e "$root/usr/bin/aarch64-linux-gnu-gcc" ]; then
    # shellcheck disable=SC2016 # apt's own variable
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Codename: bookworm' | head -n 1)
    mkdir -p "$root"
    debootstrap --variant=minbase --include=ca-certificates bookworm "$root" "$mirror"
    chroot "$root" dpkg --add-architecture arm64
    chroot "$root" apt-get update -q
    mapfile -t libraries < <(sed -nE 's/^(lib[^ ]*-dev).*/\1:arm64/p' tools/packages/build.txt tools/packages/check.txt | grep -v '^libc6-dev')
    chroot "$root" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
        gcc-aarch64-linux-gnu libc6-dev-arm64-cross libc6:arm64 meson ninja-build pkgconf python3 "${libraries[@]}"
fi
cp "$(command -v qemu-aarch64-static)" "$root/usr/bin/"
rm -rf "$root/tlswhy"
mkdir "$root/tlswhy"
git archive HEAD | tar x -C "$root/tlswhy"
chroot "$root" sh -c 'cd /tlswhy && meson setup build --cross-file tools/arm64.ini -Dtests=true && ninja -C build &&
    meson test -C build --suite unit --no-rebuild -t 10'
