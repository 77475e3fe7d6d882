#!/bin/bash
# wan.sh up RTT_MS     two hosts in network namespaces of our own, wan-client (10.77.0.1) and wan-server (10.77.0.2), RTT_MS apart;
#                      the client's /etc/hosts knows the server as server.bench and known.example
# wan.sh client CMD... run a command on the client's side;  wan.sh server CMD... on the server's
# wan.sh down          take it all away
# Needs root, iproute2, ethtool, cc. (Many kernels come without netem; the checksums must be computed, since the frames pass
# through a packet socket.)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
state=${WAN_STATE:-/run/wan.pid}

up() {
    local bin side
    bin=$(mktemp -d)
    cc -O2 -o "$bin/delay_bridge" "$here/delay_bridge.c"
    for side in client server; do
        ip netns add "wan-$side"
        ip link add "wan-$side" type veth peer name eth0 netns "wan-$side"
        ip link set "wan-$side" up
        ip -n "wan-$side" link set lo up
        ip -n "wan-$side" link set eth0 up
    done
    ip -n wan-client addr add 10.77.0.1/24 dev eth0
    ip -n wan-server addr add 10.77.0.2/24 dev eth0
    mkdir -p /etc/netns/wan-client
    printf '127.0.0.1 localhost\n10.77.0.2 server.bench known.example\n' >/etc/netns/wan-client/hosts
    for side in wan-client wan-server; do ip netns exec "$side" ethtool -K eth0 tx off rx off tso off gso off gro off >/dev/null; done
    "$bin/delay_bridge" wan-client wan-server $(($1 * 500)) >/dev/null 2>&1 &
    echo $! >"$state"
    rm -rf "$bin" # the program goes on without its file
}

down() {
    local side
    [ ! -f "$state" ] || kill "$(cat "$state")" 2>/dev/null || true
    rm -f "$state"
    for side in client server; do
        ip link del "wan-$side" 2>/dev/null || true
        ip netns del "wan-$side" 2>/dev/null || true
    done
    rm -f /etc/netns/wan-client/hosts
    rmdir /etc/netns/wan-client /etc/netns 2>/dev/null || true
}

case ${1:?up, client, server or down} in
up) up "${2:?milliseconds}" ;;
client | server)
    side=$1
    shift
    exec ip netns exec "wan-$side" "$@"
    ;;
down) down ;;
*)
    echo "wan.sh: up RTT_MS, client CMD, server CMD or down" >&2
    exit 2
    ;;
esac
