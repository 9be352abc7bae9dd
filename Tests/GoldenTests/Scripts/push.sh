# Sourced by the tests that install files on devices: h1 and h2 with BIRD, tor1 with FRR, an endpoint of each host. A device
# is a namespace with an /etc, a /var/lib and a host name of its own, managed by whoever enters it.
. "$(dirname "$0")/sandbox.sh"
mkdir /run/push

# device NAME: its process is in $NAME, and ends with the test.
device() {
    mkdir -p "/run/push/$1/upper" "/run/push/$1/work" "/run/push/$1/upper2" "/run/push/$1/work2"
    unshare --net --mount --uts sh -c '
        hostname "$1"
        cd "/run/push/$1"
        mount -t overlay overlay -o lowerdir=/etc,upperdir=upper,workdir=work /etc
        mount -t overlay overlay -o lowerdir=/var/lib,upperdir=upper2,workdir=work2 /var/lib
        mkdir -p /run/bird /run/frr
        mount -t tmpfs tmpfs /run/bird
        mount -t tmpfs tmpfs /run/frr
        mount -t sysfs sysfs /sys
        mount -t tmpfs tmpfs /var/tmp
        chown frr:frr /run/frr
        sysctl -q -w net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.accept_dad=0
        ip link set lo up
        echo >ready
        exec sleep 1000' sh "$1" </dev/null >/dev/null 2>&1 &
    eval "$1=\$!"
    while [ ! -e "/run/push/$1/ready" ]; do sleep 0.05; done
    printf '#!/bin/sh\nexec nsenter -t %s --net --mount --uts /bin/sh "$@"\n' "$!" >"/run/push/$1/shell"
    chmod 755 "/run/push/$1/shell"
}

# on DEVICE COMMAND...
on() {
    eval "process=\$$1"
    shift
    nsenter -t "$process" --net --mount --uts "$@"
}

# cable DEVICE NAME ADDRESSES DEVICE NAME ADDRESSES
cable() {
    eval "one=\$$1 other=\$$4"
    ip link add "$2" netns "$one" type veth peer name "$5" netns "$other"
    for address in $3; do on "$1" ip address add "$address" dev "$2"; done
    for address in $6; do on "$4" ip address add "$address" dev "$5"; done
    on "$1" ip link set "$2" up
    on "$4" ip link set "$5" up
}

for name in h1 h2 tor1 e1 e2; do device "$name"; done
cable h1 eth0 "172.16.1.1/31 fd00:16:1::1/127" tor1 swp1 "172.16.1.0/31 fd00:16:1::/127"
cable h2 eth0 "172.16.1.3/31 fd00:16:1::3/127" tor1 swp2 "172.16.1.2/31 fd00:16:1::2/127"

# The daemons run already, as the distribution starts them.
for name in h1 h2; do
    printf 'protocol device {\n}\n' >/run/push/bird.conf
    on "$name" cp /run/push/bird.conf /etc/bird/bird.conf
    on "$name" bird -c /etc/bird/bird.conf -s /run/bird/bird.ctl -P /run/bird/bird.pid
done

# endpoint HOST NAMESPACE TREE: what the agent that creates an endpoint does; the host's side is in routes.sh.
endpoint() {
    own=$(sed -n 's/^route \(10\.[0-9.]*\)\/32 dev ep0.*/\1/p' "$3/hosts/$1/routes.sh")
    gateway=$(sed -n 's/^address \(10\.[0-9.]*\)\/.*/\1/p' "$3/hosts/$1/routes.sh")
    cable "$1" ep0 "" "$2" eth0 "$own/32"
    on "$2" ip route add "$gateway" dev eth0
    on "$2" ip route add default via "$gateway"
    echo "$own" >"/run/push/$2/address"
}

# until_up TREE HOST...: waits until all their sessions are up and all neighbours answer.
until_up() {
    from=$1
    shift
    for name in "$@"; do
        for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
            on "$name" sh "$from/hosts/$name/apply.sh" health >/run/push/health
            grep -q '^down' /run/push/health || break
            sleep 0.5
        done
        cat /run/push/health
    done
}

# state_of DEVICE: what its files, routes and rules are.
state_of() {
    on "$1" sh -c '
        cd /etc
        find romana bird frr sysctl.d systemd/system -type f ! -name "*.new" ! -name apply.sh 2>/dev/null | sort | xargs sha256sum
        ip -N route show proto 77; ip -N -6 route show proto 77
        iptables-save | sed "/^#/d; s/\[[0-9:]*\]//"
        ip6tables-save | sed "/^#/d; s/\[[0-9:]*\]//"' | sha256sum
}
