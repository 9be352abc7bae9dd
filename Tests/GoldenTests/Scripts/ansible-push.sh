# ansible-push.sh BIN FORMER TREE: brings FORMER to the devices with apply.sh, then TREE with the playbook under a running
# ping; then once more, and then trees that are broken. BIN is the folder of ansible-playbook.
. "$(dirname "$0")/push.sh"
bin=$1
former=$2
export LC_ALL=C.UTF-8 HOME=/run/push ANSIBLE_HOME=/run/push/ansible ANSIBLE_NOCOLOR=1 ANSIBLE_LOCALHOST_WARNING=False

mkdir /run/push/tree /run/push/vars
cp -a "$3/." /run/push/tree
tree=/run/push/tree
cat >/run/push/vars/hosts.yml <<END
all:
  vars:
    ansible_connection: local
    ansible_become: false
    ansible_python_interpreter: /usr/bin/python3
    ansible_shell_executable: "/run/push/{{ inventory_hostname }}/shell"
    ansible_remote_tmp: /run/push/tmp
    romana_tries: 12
    romana_pause: 1
END

# playbook ARGUMENT...: prints the end of each device's line in the recap.
playbook() {
    (cd "$tree/ansible" && "$bin/ansible-playbook" -i inventory -i /run/push/vars site.yml "$@") >/run/push/log 2>&1 &&
        status=0 || status=$?
    sed -n '/^PLAY RECAP/,$s/ *: */ /p' /run/push/log | sed 's/unreachable.*failed/failed/; s/ \{2,\}/ /g'
    echo "status $status"
}

# The endpoints talk all the time.
ping_begin() {
    # shellcheck disable=SC2154 # set by device
    nsenter -t "$e1" --net --mount --uts ping -D -n -i 0.05 -W 1 "$(cat /run/push/e2/address)" >/run/push/ping 2>&1 &
    pinging=$!
}
ping_end() {
    kill -INT "$pinging"
    wait "$pinging" || :
    sed -n 's/^\([0-9]*\) packets transmitted, \([0-9]*\) .*/\1 \2/p' /run/push/ping
}

for name in h1 h2; do on "$name" sh "$former/hosts/$name/apply.sh" >/dev/null; done
on tor1 sh "$former/tors/tor1/apply.sh" >/dev/null
for name in h1 h2 tor1; do on "$name" sh /var/lib/romana/apply.sh confirm >/dev/null; done
endpoint h1 e1 "$former"
endpoint h2 e2 "$former"
for name in h1 h2; do on "$name" /etc/romana/routes.sh >/dev/null; done
section before
until_up "$former" h1 h2
for _ in 1 2 3 4 5 6 7 8 9 10; do
    ! on e1 ping -n -q -c 1 -W 1 "$(cat /run/push/e2/address)" >/run/push/ping || break
    sleep 0.5
done
grep -c ' 1 received' /run/push/ping

section push
ping_begin
playbook -e romana_install=false
section ping
ping_end
section sessions
until_up "$tree" h1 h2

section again
playbook --limit h2
section check
playbook --check --diff --limit h1,tor1 -e romana_install=false
section diff
grep -c -E '^(---|\+\+\+|@@)' /run/push/log || :

section broken
# A file that BIRD does not understand, and a rule that must not get into the kernel.
before="$(state_of h1) $(state_of h2)"
sed -i 's/^  hold time 9;/  hold tim 9;/' "$tree/hosts/h1/bird.conf"
sed -i 's/^COMMIT/-A FORWARD -s 192.0.2.77\/32 -j DROP\nCOMMIT/' "$tree/hosts/h1/rules.v4"
ping_begin
playbook -e romana_install=false
section broken-reason
grep -o -E 'bird.conf is refused.*syntax error' /run/push/log | head -n 1
section broken-state
[ "$before" = "$(state_of h1) $(state_of h2)" ] && echo same
ping_end

section wrong
# A file that BIRD takes, but the ToR does not: the session is lost.
cp "$3/hosts/h1/rules.v4" "$tree/hosts/h1/rules.v4"
sed 's/^  local \(.*\) as [0-9]*;/  local \1 as 64999;/' "$3/hosts/h1/bird.conf" >"$tree/hosts/h1/bird.conf"
playbook -e romana_install=false -e romana_tries=2
section wrong-state
until_up "$3" h1
[ "$before" = "$(state_of h1) $(state_of h2)" ] && echo same
section end
