# bird-device.sh FOLDER INTERFACE ADDRESS/LENGTH...: runs a host's BIRD and prints its protocols and routes.
. "$(dirname "$0")/sandbox.sh"
# A link-local address that is still being checked is none to OSPFv3.
sysctl -q -w net.ipv6.conf.default.accept_dad=0
conf=$(fill_in "$1" bird.conf)
shift
link "$@"
section check
bird -p -c "$conf" 2>&1
section start
bird -c "$conf" -s /run/bird.ctl -P /run/bird.pid 2>&1
# The first two lines greet and say that the session may only ask.
ask() { birdc -r -s /run/bird.ctl "$@" | sed 1,2d; }
for _ in 1 2 3 4 5 6 7 8 9 10; do
    ! ask show protocols | grep -q 'own.*start' || sleep 0.2
done
section protocols
ask show protocols
section details
ask show protocols all
section routes
ask show route
section ospf
for name in $(ask show protocols | awk '$2 == "OSPF" { print $1 }'); do
    ask show ospf interface "'$name'"
done
section configure
birdc -s /run/bird.ctl configure | sed 1d
section end
