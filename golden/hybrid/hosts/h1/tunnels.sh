#!/bin/sh
# romana-compile: fabric hybrid, host h1: tunnels
# Install as /etc/romana/tunnels.sh; romana-tunnels.service runs it at boot.
#
#   tunnels.sh            makes the tunnels below, with their addresses and keys, and removes others of ours
#   tunnels.sh --dry-run  prints the commands that this would take
#
# Ours are the interfaces romana-t0, romana-t1 and so on. A private key is the file in /etc/romana/secrets (or
# $ROMANA_SECRETS) that is named like it, for nobody but its owner to read: wg genkey > FILE. The public key of
# the other end is below, or in a file beside it: FILE.GATEWAY.pub.
#
# Exit status: 0 done; 1 refused or failed, see standard error; 64 wrong usage. Needs sh, awk, iproute2, flock
# (util-linux), and for WireGuard wg (wireguard-tools) and a kernel that has it, or wireguard-go.
set -eu
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"

wanted() {
  cat <<'END'
tunnel romana-t0 wireguard 203.0.113.1 1440 51820 dc1-use1 a1 -  # dc1-use1 to a1
address romana-t0 169.254.240.0/31
address romana-t0 fd72:6f6d:616e:6100::/127
allow romana-t0 10.4.0.0/14
allow romana-t0 169.254.240.0/31
allow romana-t0 fd00:10:1000::/36
allow romana-t0 fd72:6f6d:616e:6100::/127
tunnel romana-t1 wireguard 203.0.113.2 1440 51821 dc1-use1 b1 -  # dc1-use1 to b1
address romana-t1 169.254.240.2/31
address romana-t1 fd72:6f6d:616e:6100::2/127
allow romana-t1 10.4.0.0/14
allow romana-t1 169.254.240.2/31
allow romana-t1 fd00:10:1000::/36
allow romana-t1 fd72:6f6d:616e:6100::2/127
END
}

# ---- The program: the same text in every tunnels.sh of a release. ----------------------------

folder=${ROMANA_SECRETS:-/etc/romana/secrets}
dry=

fail() {
  printf 'tunnels.sh: %s\n' "$*" >&2
  exit 1
}

run() {
  if [ -n "$dry" ]; then printf '%s\n' "$*"; else "$@"; fi
}

lines() { wanted | sed 's/  #.*//' | awk -v kind="$1" '$1 == kind'; }

of() { lines "$1" | awk -v name="$2" '$2 == name { print $3 }'; }

exists() { ip link show dev "$1" >/dev/null 2>&1; }

# Descriptor 9 holds the lock until the shell ends.
take_lock() {
  lock=/run/romana-tunnels.$(readlink /proc/self/ns/net | tr -dc '0-9').lock
  exec 9>"$lock"
  flock -w 120 9 || fail "another run holds $lock; nothing was changed"
}

# The keys are there and fit before anything changes.
check_keys() {
  lines tunnel | while read -r _ name kind _ _ _ file gateway public; do
    [ "$kind" = wireguard ] || continue
    key=$folder/$file
    { [ -s "$key" ] && [ -r "$key" ]; } || fail "$name: the private key $key can't be read"
    [ -z "$(find -L "$key" -perm /077)" ] || fail "$name: the private key can be read by others: chmod 600 $key"
    [ -n "$(public_key "$file" "$gateway" "$public")" ] || fail "$name: $key.$gateway.pub does not hold the public key of $gateway"
  done
}

# public_key FILE GATEWAY KEY: the key, or what the file of the gateway holds; nothing if that is no key.
public_key() {
  if [ "$3" != - ]; then
    echo "$3"
  elif [ -r "$folder/$1.$2.pub" ]; then
    awk 'NR == 1 && length($0) == 44 && /^[A-Za-z0-9+\/]*=$/' "$folder/$1.$2.pub"
  fi
}

# make_wireguard NAME ENDPOINT PORT FILE GATEWAY KEY: where the kernel has none, by wireguard-go, which must not hold the lock.
make_wireguard() {
  there=
  if exists "$1"; then
    if wg show "$1" >/dev/null 2>&1; then there=yes; else run ip link del dev "$1"; fi
  fi
  if [ -z "$there" ]; then
    run ip link add dev "$1" type wireguard 2>/dev/null || wireguard-go "$1" 9>&- >/dev/null 2>&1 ||
      fail "$1: neither the kernel nor wireguard-go makes a WireGuard interface"
  fi
  case $2 in
  *:*) set -- "$1" "[$2]" "$3" "$4" "$(public_key "$4" "$5" "$6")" ;;
  *) set -- "$1" "$2" "$3" "$4" "$(public_key "$4" "$5" "$6")" ;;
  esac
  for peer in $(wg show "$1" peers 2>/dev/null); do
    [ "$peer" = "$5" ] || run wg set "$1" peer "$peer" remove
  done
  run wg set "$1" listen-port "$3" private-key "$folder/$4" peer "$5" endpoint "$2:$3" \
    allowed-ips "$(of allow "$1" | paste -sd, -)"
}

# make_gre NAME ENDPOINT: the way there chooses the local address, so that it may be translated on the way.
make_gre() {
  case $2 in
  *:*) set -- "$1" "$2" ip6gre hoplimit 64 encaplimit none ;;
  *) set -- "$1" "$2" gre ttl 64 ;;
  esac
  if exists "$1"; then
    case " $(ip -o -d link show dev "$1") " in
    *" $3 remote $2 "*) return ;;
    esac
    run ip link del dev "$1"
  fi
  name=$1 remote=$2 type=$3
  shift 3
  run ip link add dev "$name" type "$type" remote "$remote" "$@"
}

make_tunnel() {
  case $2 in
  wireguard) make_wireguard "$1" "$3" "$5" "$6" "$7" "$8" ;;
  gre) make_gre "$1" "$3" ;;
  esac
  run ip link set dev "$1" mtu "$4" up
  # The way back may be another gateway's; what comes out is checked by the packet filter.
  run sysctl -qw "net/ipv4/conf/$1/rp_filter=0"
  for address in $(ip -o addr show dev "$1" scope global 2>/dev/null | awk '{ print $4 }'); do
    of address "$1" | grep -qxF "$address" || run ip addr del "$address" dev "$1"
  done
  for address in $(of address "$1"); do run ip addr replace "$address" dev "$1"; done
}

# Ends at the first command that fails, so nothing that can fail may stand before || here.
make_all() {
  trap '[ $? -eq 0 ] || exit 1' EXIT
  for name in $(ip -o link show | sed -n 's/^[0-9]*: \(romana-t[0-9][0-9]*\)[@:].*/\1/p'); do
    lines tunnel | awk '{ print $2 }' | grep -qxF "$name" || run ip link del dev "$name"
  done
  lines tunnel | while read -r _ name kind endpoint mtu port file gateway public; do
    make_tunnel "$name" "$kind" "$endpoint" "$mtu" "$port" "$file" "$gateway" "$public"
  done
}

main() {
  case "${1-}" in
  "")
    [ "$(id -u)" -eq 0 ] || fail "only root may change tunnels"
    check_keys || exit 1
    take_lock
    make_all
    ;;
  --dry-run)
    dry=yes
    make_all
    ;;
  *)
    echo "usage: tunnels.sh [--dry-run]" >&2
    exit 64
    ;;
  esac
}

# In braces, so that the shell has read all of it before it runs any of it.
{
  main "$@"
  exit
}
# romana-compile: end of tunnels
