# apply-host.sh FORMER TREE: what apply.sh does on a host with its ToR: applied and confirmed, applied and not confirmed,
# refused, taken back by hand, and a former speaker's file.
. "$(dirname "$0")/push.sh"
former=$1
tree=$2
cp -a "$tree/hosts/h1" /run/push/broken

section dry-run
on h1 sh "$former/hosts/h1/apply.sh" --dry-run | grep -E '^(apply.sh|\+protocol)'
on h1 ls /etc/romana 2>&1 || :
section install
on h1 sh "$former/hosts/h1/apply.sh" | grep -v -E '^(routes|firewall).sh'
on tor1 sh "$former/tors/tor1/apply.sh" >/dev/null
section again
on h1 sh "$former/hosts/h1/apply.sh" 2>&1 || echo "status $?"
section confirm
on h1 sh "$former/hosts/h1/apply.sh" confirm
on h1 sh "$former/hosts/h1/apply.sh" confirm
on h1 sh "$former/hosts/h1/apply.sh"
on tor1 sh "$former/tors/tor1/apply.sh" confirm >/dev/null
section up
until_up "$former" h1

section lost-terminal
# The shell of the terminal, and all that it started, hears that the terminal is gone.
before=$(state_of h1)
# shellcheck disable=SC2154 # set by device
setsid nsenter -t "$h1" --net --mount --uts sh "$tree/hosts/h1/apply.sh" --wait 6 >/run/push/out 2>&1 &
session=$!
while ! grep -q 'comes back after' /run/push/out; do sleep 0.1; done
[ "$before" != "$(state_of h1)" ] && echo changed
kill -HUP -- "-$session" 2>/dev/null || :
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24; do
    [ "$before" != "$(state_of h1)" ] || break
    sleep 0.5
done
[ "$before" = "$(state_of h1)" ] && echo same
section late
on h1 sh "$tree/hosts/h1/apply.sh" confirm 2>&1 || echo "status $?"
section up-again
until_up "$former" h1

section by-hand
on h1 sh "$tree/hosts/h1/apply.sh" | tail -n 1
on h1 sh "$tree/hosts/h1/apply.sh" rollback | grep -c 'is as it was'
[ "$before" = "$(state_of h1)" ] && echo same

section refused
for file in sysctl.conf routes.sh romana-routes.service firewall.sh rules.v4 rules.v6 bird.conf; do
    # A file that is cut short, and one that makes no sense.
    sed '$d' "$tree/hosts/h1/$file" >"/run/push/broken/$file"
    on h1 sh /run/push/broken/apply.sh 2>&1 | cut -c 1-60
    sed '$i if this ( makes no sense' "$tree/hosts/h1/$file" >"/run/push/broken/$file"
    [ "$file" = romana-routes.service ] || on h1 sh /run/push/broken/apply.sh 2>&1 | cut -c 1-40 | head -n 1
    cp "$tree/hosts/h1/$file" "/run/push/broken/$file"
done
[ "$before" = "$(state_of h1)" ] && echo same

section fails
# Everything can be read, but a setting can't be made: what was there is there again.
sed 's/^net.ipv4.ip_forward = 1/net.ipv4.no_such_setting = 1/' "$tree/hosts/h1/sysctl.conf" >/run/push/broken/sysctl.conf
on h1 sh /run/push/broken/apply.sh >/run/push/out 2>&1 || echo "status $?"
tail -n 1 /run/push/out
[ "$before" = "$(state_of h1)" ] && echo same

section leftover
# A file of a former speaker goes, one of someone else's stays.
sed 's/^! romana-compile: fabric push, tor tor1/! romana-compile: fabric push, host h1/' "$tree/tors/tor1/frr.conf" >/run/push/frr.conf
on h1 cp /run/push/frr.conf /etc/frr/frr.conf
on h1 sh "$former/hosts/h1/apply.sh" | grep -E 'frr|comes back'
on h1 ls /etc/frr/frr.conf /etc/frr/daemons 2>&1 || :
on h1 sh "$former/hosts/h1/apply.sh" rollback >/dev/null 2>&1 || echo "status $?"
on h1 ls /etc/frr/frr.conf
section end
