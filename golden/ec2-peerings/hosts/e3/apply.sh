#!/bin/sh
# romana-compile: fabric peered, host e3: installing the files
# Installs the files beside it, as root:
#
#   apply.sh                  checks every file, keeps what is there, installs and loads what differs; after a minute what
#                             was there comes back by itself, unless:
#   apply.sh confirm          keeps the new files
#   apply.sh rollback         brings back what was there, now
#   apply.sh --wait SECONDS   another time than a minute
#   apply.sh --dry-run        checks every file and shows what would change
#   apply.sh health           says which sessions are up and which neighbours answer
#
# The time runs on if the terminal is lost. A reboot ends it: what is installed then stays.
# Ansible uses: check FILE PATH, digests, save, fill FILE PATH, leftovers, clear, arm SECONDS, load PART, health ADDRESS...
#
# Exit status: 0 done; 1 refused or failed, see standard error: what was there is there again; 64 wrong usage.
# Needs sh, awk, diff and flock (util-linux).
set -eu
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"
umask 022

# The files of this device; below, what is to be well before and after.
files() {
  cat <<'END'
sysctl.conf
rules.v4
rules.v6
firewall.sh
routes.sh
romana-routes.service
tunnels.sh
romana-tunnels.service
daemons
frr.conf
END
}

wanted() {
  cat <<'END'
session 169.254.240.5
session 169.254.240.7
session 169.254.240.13
session 169.254.240.15
neighbour 169.254.240.5
neighbour 169.254.240.7
neighbour 169.254.240.13
neighbour 169.254.240.15
neighbour 172.20.2.1
END
}

# ---- The program: the same text in every apply.sh of a release. ------------------------------

table() {
  cat <<'END'
# FILE TARGET OWNER GROUP MODE PART
secrets.sh /etc/romana/secrets.sh root root 0755 programs
sysctl.conf /etc/sysctl.d/90-romana.conf root root 0644 sysctl
vlans.sh /etc/romana/vlans.sh root root 0755 vlans
romana-vlans.service /etc/systemd/system/romana-vlans.service root root 0644 vlans
rules.v4 /etc/romana/rules.v4 root root 0644 firewall
rules.v6 /etc/romana/rules.v6 root root 0644 firewall
rules.nft /etc/romana/rules.nft root root 0644 firewall
ipset.conf /etc/romana/ipset.conf root root 0644 firewall
firewall.sh /etc/romana/firewall.sh root root 0755 firewall
routes.sh /etc/romana/routes.sh root root 0755 routes
romana-routes.service /etc/systemd/system/romana-routes.service root root 0644 routes
tunnels.sh /etc/romana/tunnels.sh root root 0755 tunnels
romana-tunnels.service /etc/systemd/system/romana-tunnels.service root root 0644 tunnels
bird.conf /etc/bird/bird.conf root bird 0640 bird
bird1.conf /etc/bird/bird.conf root bird 0640 bird
bird1-v6.conf /etc/bird/bird6.conf root bird 0640 bird6
exabgp.conf /etc/exabgp/exabgp.conf root exabgp 0640 exabgp
daemons /etc/frr/daemons frr frr 0640 frr-daemons
frr.conf /etc/frr/frr.conf frr frr 0640 frr
zebra.conf /etc/quagga/zebra.conf quagga quagga 0640 zebra
bgpd.conf /etc/quagga/bgpd.conf quagga quagga 0640 bgpd
ospfd.conf /etc/quagga/ospfd.conf quagga quagga 0640 ospfd
END
}

state=/var/lib/romana

say() { printf 'apply.sh: %s\n' "$*"; }

fail() {
  printf 'apply.sh: %s\n' "$*" >&2
  exit 1
}

# column FILE NUMBER: a word of the table.
column() { table | awk -v file="$1" -v number="$2" '$1 == file { print $number }'; }

# Every place that a file of ours can have, each once.
targets() { table | awk '/^[^#]/ && !seen[$2]++ { print $2 }'; }

part_of() { table | awk -v target="$1" '$2 == target { print $6; exit }'; }

is_wanted() { files | while read -r file; do column "$file" 2; done | grep -qxF "$1"; }

is_ours() { [ -f "$1" ] && head -n 2 "$1" | grep -q '^[#!] romana-compile: fabric '; }

check_whole() {
  [ -f "$2" ] || fail "$1 is missing"
  tail -n 1 "$2" | grep -q '^[#!] romana-compile: end of ' || fail "$1 is cut short: its last line is missing"
}

# alone COMMAND...: in a network namespace of its own, where it changes nothing of the device.
alone() { unshare --net "$@"; }

check_rules() {
  # Sets that are not there yet are no mistake.
  sed 's/ -m set --match-set [^ ]* [a-z]*//g' "$2" | alone "$1-restore" -w 30
}

check_sets() { sed '/^#/d' "$1" | alone ipset restore; }

check_settings() {
  awk '!/^(#|$)/ && !/^-?[^ =]+ *= *[^ ]/ { print "line " NR ": " $0; bad = 1 } END { exit bad }' "$1"
}

# FRR's status alone can't be trusted: it is right only if nothing is said.
check_frr() {
  said=$(vtysh -C -f "$1" 2>&1) && [ -z "$said" ] && return
  printf '%s\n' "$said"
  return 1
}

# The programs of Quagga are found beside zebra.
check_quagga() {
  (
    PATH="$PATH:/usr/lib/quagga"
    command -v "$1" >/dev/null || fail "$1 is not installed"
    exec "$1" -C -f "$2"
  )
}

check_exabgp() {
  said=$(exabgp --validate "$1" 2>&1) && return
  printf '%s\n' "$said"
  return 1
}

# What the program that the file is for says about it.
ask_program() {
  case $1 in
  *.sh) sh -n "$2" ;;
  *.service) grep -q '^ExecStart=/etc/romana/' "$2" ;;
  sysctl.conf) check_settings "$2" ;;
  rules.v4) check_rules iptables "$2" ;;
  rules.v6) [ ! -d /proc/sys/net/ipv6 ] || check_rules ip6tables "$2" ;;
  rules.nft) alone nft -f "$2" ;;
  ipset.conf) check_sets "$2" ;;
  bird.conf | bird1.conf) bird -p -c "$2" ;;
  bird1-v6.conf) bird6 -p -c "$2" ;;
  exabgp.conf) check_exabgp "$2" ;;
  frr.conf) check_frr "$2" ;;
  daemons) sh -n "$2" ;;
  zebra.conf | bgpd.conf | ospfd.conf) check_quagga "${1%.conf}" "$2" ;;
  *) fail "$1 is not the name of a file of a device" ;;
  esac
}

# check_file FILE PATH: ends with a reason unless what lies at PATH can be the FILE of a device.
check_file() {
  check_whole "$1" "$2"
  case $1 in
  *.sh) ;;
  *) ! grep -q '<[a-z-]*secret' "$2" || fail "$1 lacks its secrets" ;;
  esac
  said=$(ask_program "$1" "$2" 2>&1) || fail "$1 is refused: $said"
}

# filled FILE PATH TO: puts a copy of PATH, with its secrets if it names some, at TO.
filled() {
  case $1 in
  *.sh) cp "$2" "$3" ;;
  *)
    if grep -q '<[a-z-]*secret' "$2"; then
      [ -f "$secrets" ] || fail "secrets.sh is missing"
      sh "$secrets" "$2" "$3" || fail "$1 has no secrets; nothing was changed"
    else
      cp "$2" "$3"
    fi
    ;;
  esac
}

has_systemd() { [ -d /run/systemd/system ]; }

# service VERB NAME: by the system's own means.
service_do() {
  if has_systemd; then
    case $1 in
    start) systemctl enable --quiet --now "$2" ;;
    stop) systemctl disable --quiet --now "$2" ;;
    *) systemctl "$1" "$2" ;;
    esac
  else
    service "$2" "$1"
  fi
}

# load_unit NAME SCRIPT: the service that runs a script of ours at boot. Without systemd there is none.
load_unit() {
  has_systemd || return 0
  systemctl daemon-reload
  if [ -e "/etc/systemd/system/$1.service" ]; then
    systemctl enable --quiet "$1"
    systemctl restart "$1"
  else
    systemctl disable --quiet --now "$1" 2>/dev/null || :
  fi
}

# load_bird NAME FILE: a change is loaded without a restart; what birdc says tells whether BIRD took it.
load_bird() {
  control=birdc${1#bird}
  if [ ! -e "$2" ]; then
    service_do stop "$1"
  elif "$control" show status >/dev/null 2>&1; then
    said=$("$control" configure)
    printf '%s\n' "$said" | grep -q '^Reconfigur' || fail "$1 refuses its file: $said"
  else
    service_do start "$1"
  fi
}

load_frr() {
  if [ ! -e /etc/frr/frr.conf ]; then
    service_do stop frr
  elif vtysh -c 'show version' >/dev/null 2>&1; then
    /usr/lib/frr/frr-reload.py --reload /etc/frr/frr.conf >/dev/null || fail "frr-reload.py failed"
  else
    service_do start frr
  fi
}

# load_daemon NAME FILE VERB: a program that VERB makes read its file anew.
load_daemon() {
  if [ ! -e "$2" ]; then
    service_do stop "$1"
  elif has_systemd && ! systemctl --quiet is-active "$1"; then
    service_do start "$1"
  else
    service_do "$3" "$1"
  fi
}

# Status 3: some routes have no live next hop now. That is no reason to take the list back.
load_routes() {
  [ ! -e /etc/romana/routes.sh ] || /etc/romana/routes.sh || [ $? -eq 3 ] || fail "routes.sh failed"
  load_unit romana-routes
}

# Without a list there are none: tunnels of a former list end.
load_tunnels() {
  if [ -e /etc/romana/tunnels.sh ]; then
    /etc/romana/tunnels.sh || fail "tunnels.sh failed"
  else
    for name in $(ip -o link show | sed -n 's/^[0-9]*: \(romana-t[0-9][0-9]*\)[@:].*/\1/p'); do ip link del dev "$name"; done
  fi
  load_unit romana-tunnels
}

load_part() {
  case $1 in
  programs) ;;
  sysctl) [ ! -e /etc/sysctl.d/90-romana.conf ] || sysctl -q -p /etc/sysctl.d/90-romana.conf ;;
  vlans)
    [ ! -e /etc/romana/vlans.sh ] || /etc/romana/vlans.sh || [ $? -eq 3 ] || fail "vlans.sh failed"
    load_unit romana-vlans
    ;;
  firewall) [ ! -e /etc/romana/firewall.sh ] || /etc/romana/firewall.sh ;;
  routes) load_routes ;;
  tunnels) load_tunnels ;;
  bird) load_bird bird /etc/bird/bird.conf ;;
  bird6) load_bird bird6 /etc/bird/bird6.conf ;;
  exabgp) load_daemon exabgp /etc/exabgp/exabgp.conf reload ;;
  frr-daemons) load_daemon frr /etc/frr/daemons restart ;;
  frr) load_frr ;;
  zebra | bgpd | ospfd) load_daemon "$1" "/etc/quagga/$1.conf" restart ;;
  *) fail "there is no part '$1'" ;;
  esac
}

# load_parts PART...: each once, in the order of the table, whatever the order of the words.
load_parts() {
  table | awk '/^[^#]/ && !seen[$6]++ { print $6 }' >"$state/parts"
  while read -r part <&3; do
    case " $* " in
    # What starts here must not hold the lock.
    *" $part "*) (load_part "$part") 3<&- 9>&- || fail "$part can't be loaded" ;;
    esac
  done 3<"$state/parts"
}

# One run at a time in a network namespace. Descriptor 9 holds the lock until the shell ends.
take_lock() {
  [ "$(id -u)" -eq 0 ] || fail "only root can install the files"
  lock=/run/romana-apply.$(readlink /proc/self/ns/net | tr -dc '0-9').lock
  exec 9>"$lock"
  flock -w 120 9 || fail "another run holds $lock; nothing was changed"
  mkdir -p "$state"
  chmod 700 "$state"
}

# Copies what is at the targets, unless that copy is there already.
save() {
  [ ! -e "$state/pending" ] || fail "a change waits: apply.sh confirm keeps it, apply.sh rollback takes it back"
  rm -rf "$state/saved.new" "$state/expired"
  mkdir "$state/saved.new"
  for target in $(targets); do
    [ -f "$target" ] || continue
    mkdir -p "$state/saved.new${target%/*}"
    cp -p "$target" "$state/saved.new$target"
  done
  if diff -rq "$state/saved" "$state/saved.new" >/dev/null 2>&1; then
    rm -rf "$state/saved.new"
  else
    rm -rf "$state/saved"
    mv "$state/saved.new" "$state/saved"
  fi
}

# put FROM TARGET OWNER GROUP MODE: the whole file at once.
put() {
  if ! { mkdir -p "${2%/*}" && cp "$1" "$2.romana-new" && chown "$3:$4" "$2.romana-new" &&
    chmod "$5" "$2.romana-new" && mv -f "$2.romana-new" "$2"; }; then
    fail "$2 can't be written"
  fi
}

# FILE MODE OWNER GROUP DIGEST of each file that is at its place.
digests() {
  for file in $(files); do
    target=$(column "$file" 2)
    [ -f "$target" ] || continue
    echo "$file 0$(stat -c '%a %U %G' "$target") $(sha256sum <"$target" | cut -d ' ' -f 1)"
  done
}

# Files of ours that this device does not have any more, such as those of a former speaker.
leftovers() {
  for target in $(targets); do
    if is_ours "$target" && ! is_wanted "$target"; then echo "$target"; fi
  done
}

# Removes them, and stops what ran with them.
clear_leftovers() {
  parts=
  for target in $(leftovers); do
    rm -f "$target"
    parts="$parts $(part_of "$target")"
    say "$target removed"
  done
  # shellcheck disable=SC2086 # words on purpose
  [ -z "$parts" ] || load_parts $parts
}

# Brings back what was saved, and loads what is different by that.
restore() {
  [ -d "$state/saved" ] || fail "nothing was saved"
  parts=
  for target in $(targets); do
    if [ -f "$state/saved$target" ]; then
      if cmp -s "$state/saved$target" "$target"; then continue; fi
      if ! { mkdir -p "${target%/*}" && cp -p "$state/saved$target" "$target.romana-new" &&
        mv -f "$target.romana-new" "$target"; }; then
        fail "$target can't be written"
      fi
    elif is_ours "$target"; then
      rm -f "$target"
    else
      continue
    fi
    parts="$parts $(table | awk -v target="$target" '$2 == target { printf "%s ", $6 }')"
    say "$target is as it was"
  done
  # shellcheck disable=SC2086 # words on purpose
  [ -z "$parts" ] || load_parts $parts
}

# arm SECONDS: what was saved comes back after this time, unless confirmed.
arm() {
  token=$(date +%s).$$
  cp "$0" "$state/apply.sh"
  printf '%s\n' "$token" >"$state/pending"
  if has_systemd; then
    systemd-run --quiet --collect --unit="romana-rollback-$token" --on-active="$1" \
      --timer-property=AccuracySec=1s /bin/sh "$state/apply.sh" expire "$token"
  else
    # shellcheck disable=SC2016 # the inner shell expands these
    setsid sh -c 'sleep "$1"; exec sh "$2" expire "$3"' sh "$1" "$state/apply.sh" "$token" \
      </dev/null >>"$state/log" 2>&1 9>&- &
  fi
}

expire() {
  [ "$(cat "$state/pending" 2>/dev/null)" = "$1" ] || exit 0
  rm "$state/pending"
  : >"$state/expired"
  restore
}

confirm() {
  if [ -e "$state/pending" ]; then
    rm "$state/pending"
    say "the new files are kept"
  elif [ -e "$state/expired" ]; then
    fail "too late: what was there before is there again"
  else
    say "nothing waits to be confirmed"
  fi
}

rollback() {
  rm -f "$state/pending"
  restore
}

# The neighbours of Established sessions, a line each: an address, or the interface of an unnumbered link.
bird_sessions() {
  "$1" -r show protocols all 2>/dev/null | awk '
    /^ *BGP state:/ { up = $3 == "Established" }
    /^ *Neighbor address:/ && up { sub(/^fe80:.*%/, "", $3); print $3 }'
}

frr_sessions() {
  { vtysh -c 'show bgp ipv4 unicast summary' && vtysh -c 'show bgp ipv6 unicast summary'; } 2>/dev/null |
    awk '$2 == 4 && NF >= 10 && ($10 ~ /^[0-9]+$/ || $10 == "(Policy)") { print $1 }'
}

tcp_sessions() { ss -Htn state established '( dport = :179 or sport = :179 )' | awk '{ print $4 }' | sed 's/:[0-9]*$//; s/[][]//g'; }

bird_ospf() { "$1" -r show ospf neighbors 2>/dev/null | awk '$3 ~ /^Full/ { print "ospf " $5 }'; }

frr_ospf() {
  vtysh -c 'show ip ospf neighbor' 2>/dev/null |
    awk '/Full/ { for (i = 1; i <= NF; i++) if ($i ~ /^[^:]+:[0-9]+\.[0-9.]+$/) { sub(/:.*/, "", $i); print "ospf " $i } }'
  vtysh -c 'show ipv6 ospf6 neighbor' 2>/dev/null |
    awk '/Full/ { sub(/\[.*/, "", $NF); print "ospf " $NF }'
}

# What is up now, as lines of `wanted`.
found() {
  for file in $(files); do
    case $file in
    bird.conf | bird1.conf)
      bird_sessions birdc | sed 's/^/session /'
      bird_ospf birdc
      ;;
    bird1-v6.conf)
      bird_sessions birdc6 | sed 's/^/session /'
      bird_ospf birdc6
      ;;
    exabgp.conf) tcp_sessions | sed 's/^/session /' ;;
    frr.conf | bgpd.conf)
      frr_sessions | sed 's/^/session /'
      frr_ospf
      ;;
    esac
  done
}

answers() {
  ping -n -q -c 1 -W 1 "$1" >/dev/null 2>&1 || ping -n -q -c 2 -i 0.2 -W 1 "$1" >/dev/null 2>&1
}

# health ADDRESS...: "up" or "down" and what is meant, a line each.
health() {
  there=$(found)
  wanted | while read -r what where; do
    case $what in
    neighbour) continue ;;
    esac
    if printf '%s\n' "$there" | grep -qxF "$what $where"; then echo "up $what $where"; else echo "down $what $where"; fi
  done
  {
    for address in $(wanted | awk '$1 == "neighbour" { print $2 }') "$@"; do
      if answers "$address"; then echo "up neighbour $address"; else echo "down neighbour $address"; fi &
    done
    wait
  } | sort
}

# lost BEFORE SECONDS: what was up and is down, after some time to come back.
lost() {
  end=$(($(date +%s) + $2))
  while :; do
    missing=$(health | sed -n 's/^down //p' | while read -r one; do
      ! printf '%s\n' "$1" | grep -qxF "up $one" || echo "$one"
    done)
    [ -n "$missing" ] || return 0
    [ "$(date +%s)" -lt "$end" ] || break
    sleep 1
  done
  printf '%s\n' "$missing"
}

# Copies of all files with their secrets, checked, in a folder that only root can read.
prepare() {
  new=$state/new
  rm -rf "$new"
  trap 'rm -rf "$new"' EXIT
  mkdir "$new"
  secrets=$folder/secrets.sh
  for file in $(files); do
    check_whole "$file" "$folder/$file"
    filled "$file" "$folder/$file" "$new/$file"
    check_file "$file" "$new/$file"
  done
}

differs() { ! cmp -s "$new/$1" "$(column "$1" 2)"; }

# Shows what would change; no line of a file with secrets.
show_changes() {
  for file in $(files); do
    if ! differs "$file"; then continue; fi
    target=$(column "$file" 2)
    say "$target would change"
    if [ -f "$target" ] && cmp -s "$folder/$file" "$new/$file"; then diff -u "$target" "$new/$file" || :; fi
  done
  for target in $(leftovers); do say "$target would be removed"; done
}

install_files() {
  changed=
  for file in $(files); do
    if ! differs "$file"; then continue; fi
    # shellcheck disable=SC2046 # words on purpose
    set -- $(table | awk -v file="$file" '$1 == file')
    put "$new/$file" "$2" "$3" "$4" "$5"
    changed="$changed $6"
    say "$2 installed"
  done
  # A former speaker leaves its ports before another takes them.
  clear_leftovers
  # shellcheck disable=SC2086 # words on purpose
  [ -z "$changed" ] || load_parts $changed
}

apply() {
  before=$(health)
  save
  arm "$1"
  if ! (install_files); then
    rollback || fail "and what was there could not be loaded again"
    fail "what was there before is there again"
  fi
  say "what was there comes back after $1 seconds, unless: apply.sh confirm"
  # From here on whoever confirms, or the end of the time, need not wait for this.
  exec 9>&-
  gone=$(lost "$before" $(($1 / 3)))
  [ -n "$gone" ] || return 0
  say "was up before, and is not:"
  printf '%s\n' "$gone" | sed 's/^/apply.sh:   /'
}

has_changes() {
  [ -z "$(leftovers)" ] || return 0
  for file in $(files); do
    if differs "$file"; then return 0; fi
  done
  return 1
}

# fill FILE PATH: what a tool copied to PATH goes to its place, with its secrets; "changed" if that was needed.
fill() {
  new=$state/new
  rm -rf "$new"
  trap 'rm -rf "$new"' EXIT
  mkdir "$new"
  secrets=/etc/romana/secrets.sh
  filled "$1" "$2" "$new/$1"
  check_file "$1" "$new/$1"
  if differs "$1"; then
    put "$new/$1" "$(column "$1" 2)" "$(column "$1" 3)" "$(column "$1" 4)" "$(column "$1" 5)"
    echo changed
  fi
}

usage() {
  echo "usage: apply.sh [--wait SECONDS] | confirm | rollback | --dry-run | health [ADDRESS...]" >&2
  exit 64
}

is_number() { case $1 in "" | *[!0-9]*) return 1 ;; esac; }

main() {
  folder=.
  case "$0" in */*) folder=${0%/*} ;; esac
  wait=60
  case "${1-}" in
  --wait)
    is_number "${2-}" || usage
    wait=$2
    set --
    ;;
  check | fill) [ $# -eq 3 ] || usage ;;
  arm) is_number "${2-}" || usage ;;
  load | expire) [ $# -eq 2 ] || usage ;;
  health) ;;
  *) [ $# -le 1 ] || usage ;;
  esac
  case "${1-}" in
  check)
    check_file "$2" "$3"
    return
    ;;
  digests)
    digests
    return
    ;;
  health)
    shift
    health "$@"
    return
    ;;
  esac
  take_lock
  case "${1-}" in
  "" | --dry-run)
    [ -n "${1-}" ] || [ ! -e "$state/pending" ] ||
      fail "a change waits: apply.sh confirm keeps it, apply.sh rollback takes it back"
    prepare
    if ! has_changes; then
      say "nothing to change"
    elif [ -n "${1-}" ]; then
      show_changes
    else
      apply "$wait"
    fi
    ;;
  confirm) confirm ;;
  rollback) rollback ;;
  save) save ;;
  leftovers) leftovers ;;
  clear) clear_leftovers ;;
  fill) fill "$2" "$3" ;;
  arm) arm "$2" ;;
  load) load_parts "$2" ;;
  expire) expire "$2" ;;
  *) usage ;;
  esac
}

# In braces, so that the shell has read all of it before it runs any of it.
{
  main "$@"
  exit
}
# romana-compile: end of installing the files
