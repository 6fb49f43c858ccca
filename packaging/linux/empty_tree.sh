#!/bin/bash
# Installs the .deb into an empty Debian tree, so that nothing but its declared dependencies is there, and runs the
# installed program's self-test in it, offscreen. Needs root, debootstrap and the packages of a Debian mirror.
# usage: empty_tree.sh FILE.deb PICTURES   (a bare tree is kept in $MBUS_CACHE for the next run)
set -euo pipefail
deb=$(realpath "$1")
pictures=$2
cache=${MBUS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/mbus-commissioner}
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
bare=$cache/debian-$suite.tar
tree=$(mktemp -d)
cleanup() { umount "$tree/proc" 2>/dev/null || true; rm -rf --one-file-system "$tree"; }
trap cleanup EXIT

mirror=$({ cat /etc/apt/sources.list /etc/apt/sources.list.d/*.sources 2>/dev/null || true; } |
    sed -nE 's/^URIs:[[:space:]]*([^[:space:]]+).*/\1/p; s/^deb[[:space:]]+(\[[^]]*\][[:space:]]+)?([^[:space:]]+).*/\2/p' |
    head -n 1)
# A tree older than a week would need many updates: made anew.
if [ ! -s "$bare" ] || [ -n "$(find "$bare" -mtime +7)" ]; then
    mkdir -p "$cache"
    debootstrap --variant=minbase --include=ca-certificates "$suite" "$tree" "$mirror" >"$cache/debootstrap.log" 2>&1 ||
        { tail -n 20 "$cache/debootstrap.log" >&2; exit 1; }
    tar -C "$tree" --one-file-system -cf "$bare.part" .
    mv "$bare.part" "$bare"
else
    tar -C "$tree" -xf "$bare"
fi

# The tree fetches packages the way this machine does.
cp -L /etc/resolv.conf /etc/hosts "$tree/etc/" 2>/dev/null || true
rm -rf "$tree/etc/apt/sources.list"
cp -a /etc/apt/sources.list.d "$tree/etc/apt/"
[ ! -f /etc/apt/sources.list ] || cp /etc/apt/sources.list "$tree/etc/apt/"
cp -a /etc/apt/apt.conf.d/. "$tree/etc/apt/apt.conf.d/"
cp -aL /etc/ssl/certs/ca-certificates.crt "$tree/etc/ssl/certs/" 2>/dev/null || true
cp "$deb" "$tree/tmp/program.deb"
mount -t proc proc "$tree/proc"

inside() { chroot "$tree" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
for attempt in 1 2 3; do
    inside apt-get update -q >"$tree/tmp/apt.log" 2>&1 &&
        inside apt-get install -y -q --no-install-recommends /tmp/program.deb >>"$tree/tmp/apt.log" 2>&1 && break
    if [ "$attempt" = 3 ]; then tail -n 30 "$tree/tmp/apt.log" >&2; exit 1; fi
    sleep 10
done
inside mbus-tool --version || { echo "mbus-tool does not start in the empty tree" >&2; exit 1; }
inside env QT_QPA_PLATFORM=offscreen mbus-commissioner --self-test --pictures /tmp/pictures
mkdir -p "$pictures"
cp "$tree"/tmp/pictures/*.png "$pictures/"
inside dpkg -P mbus-commissioner >/dev/null
left=$(chroot "$tree" find /usr -path '*mbus-commissioner*')
[ -z "$left" ] || { echo "left behind after removal: $left" >&2; exit 1; }
echo "installed from the .deb into an empty Debian $suite, self-tested, removed without a rest"
