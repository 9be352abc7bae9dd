# exabgp-device.sh FOLDER INTERFACE ADDRESS/LENGTH...: runs a host's ExaBGP and prints the neighbours that it has and
# what it is ready to announce to them.
. "$(dirname "$0")/sandbox.sh"
conf=$(fill_in "$1" exabgp.conf)
shift
link "$@"
section check
exabgp --validate "$conf" >/run/check.out 2>&1 || cat /run/check.out
mkdir /run/exabgp
mkfifo /run/exabgp/exabgp.in /run/exabgp/exabgp.out
chmod 666 /run/exabgp/*
env exabgp_daemon_user=root exabgp_daemon_daemonize=false exabgp_log_destination=stdout exabgp_log_level=INFO \
    exabgp "$conf" >/run/exabgp.log 2>&1 &
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    ! grep -q 'loaded new configuration' /run/exabgp.log || break
    sleep 0.2
done
section log
grep -v -E 'welcome|version|interpreter|\| os|installation|cli control' /run/exabgp.log | cut -d '|' -f 4- || :
section neighbors
timeout 10 exabgpcli show neighbor configuration
section announced
timeout 10 exabgpcli show adj-rib out extensive
section end
