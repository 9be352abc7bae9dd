# Sourced first by every script that runs in namespaces of its own (network, mounts, processes, host name):
# nothing here can be seen from outside, and all of it goes when the script ends.
set -eu
export LC_ALL=C PATH="/usr/sbin:/usr/bin:/sbin:/bin"
umask 022
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /run
mkdir -p /run/lock
ip link set lo up

# A section of the output; the test takes it apart by these lines.
section() { echo "== $*"; }

# link NAME ADDRESS/LENGTH...: an interface with a carrier. Without duplicate address detection, so
# that addresses are usable at once.
link() {
    ip link add "$1" type veth peer name "$1-peer"
    for address in "$@"; do
        case $address in
        *:*) ip address add "$address" dev "$1" nodad ;;
        */*) ip address add "$address" dev "$1" ;;
        esac
    done
    ip link set "$1" up
    ip link set "$1-peer" up
}

# fill_in FOLDER FILE: prints the path of a device's file with its secrets, all of which are "golden-secret".
fill_in() {
    if [ ! -f "$1/secrets.sh" ]; then
        echo "$1/$2"
        return
    fi
    mkdir -p -m 700 /run/secrets
    sed -n '/^names() {/,/^END/p' "$1/secrets.sh" | sed '1,2d;$d' | while IFS= read -r name; do
        (umask 077 && echo golden-secret >"/run/secrets/$name")
    done
    ROMANA_SECRETS=/run/secrets sh "$1/secrets.sh" "$1/$2" "/run/$2"
    chmod 644 "/run/$2"
    echo "/run/$2"
}

# A backend of iptables under the names that firewall.sh uses.
use_backend() {
    rm -rf /run/backend
    mkdir /run/backend
    for family in iptables ip6tables; do
        for suffix in "" -restore -save; do
            ln -s "$(command -v "$family-$1$suffix")" "/run/backend/$family$suffix"
        done
    done
    PATH="/run/backend:$PATH"
}
