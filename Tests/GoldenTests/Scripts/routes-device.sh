# routes-device.sh FOLDER "INTERFACE ADDRESS..."...: applies a device's kernel settings and routes three times.
. "$(dirname "$0")/sandbox.sh"
folder=$1
shift
for words in "$@"; do
    # shellcheck disable=SC2086 # an interface and its addresses
    link $words
done
section sysctl
sysctl -p "$folder/sysctl.conf" 2>&1
for run in first second third; do
    section $run
    sh "$folder/routes.sh" 2>&1 || echo "status $?"
done
section routes
ip -N -o -4 route show table main proto 77
ip -N -o -6 route show table main proto 77
section gateway
[ ! -e /sys/class/net/romana-gw ] || ip -o address show dev romana-gw scope global
section links
ip -o link show up
section end
