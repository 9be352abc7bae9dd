#!/bin/sh
# romana-compile: fabric peered, host u2: loader of the packet filter
# Install in /etc/romana beside rules.nft; romana-routes.service runs it at boot.
#
#   firewall.sh            loads the file as a whole or not at all; leaves alone what is in place
#   firewall.sh --dry-run  checks the file and says what would be loaded
#
# Only the table inet romana is touched. Chains of ours in iptables, from a time when the host had rules.v4 and
# rules.v6, are removed after that.
# Flows that were accepted before outlive a stricter rule until "conntrack -D" ends them.
# Exit status: 0 done; 1 refused or failed, see standard error; 64 wrong usage.
# Needs sh, awk, flock and unshare (util-linux), nft.
set -eu
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"

# own: what concerns no endpoint is not forwarded. share: that is left to the tables of others.
mode=own

# ---- The program: the same text in every firewall.sh of a release. ---------------------------

say() { printf 'firewall.sh: %s\n' "$*"; }

fail() {
  printf 'firewall.sh: %s\n' "$*" >&2
  exit 1
}

# One run at a time in a network namespace. Descriptor 9 holds the lock until the shell ends.
take_lock() {
  lock=/run/romana-firewall.$(readlink /proc/self/ns/net | tr -dc '0-9').lock
  exec 9>"$lock"
  flock -w 120 9 || fail "another run holds $lock; nothing was changed"
}

# The table as the kernel has it, without counters.
list_table() { nft -s list table inet romana; }

# What the table looks like once the file is loaded. A file that was cut short, or that the kernel refuses,
# is refused before any change.
check_rules() {
  tail -n 1 rules.nft | grep -q '^# romana-compile: end of ' || fail "rules.nft is missing or cut short"
  wanted=$(unshare --net sh -c 'nft -f rules.nft && nft -s list table inet romana') ||
    fail "nft refuses rules.nft; nothing was changed"
}

load() {
  if [ "$(list_table 2>/dev/null)" = "$wanted" ]; then
    say "nft: in place"
    return
  fi
  if [ -n "$dry" ]; then
    say "nft: rules.nft would be loaded"
  else
    nft -f rules.nft || fail "nft failed; nothing was changed"
    say "nft: rules.nft loaded"
  fi
  warn_of_others
}

# An accept ends our table only: what another table drops stays dropped.
warn_of_others() {
  nft list chains 2>/dev/null | awk '
    /^table / { table = $2 " " $3 }
    / hook forward / && /policy drop/ && table != "inet romana" { print table }' | sort -u |
    while read -r table; do
      say "note: the table $table drops what it does not accept, also what rules.nft accepts"
    done
}

# The commands of iptables whose filter table has chains of ours. The old form is not asked where the
# kernel has no such table, since asking makes one.
iptables_with_ours() {
  for command in iptables-nft ip6tables-nft iptables-legacy ip6tables-legacy; do
    case $command in
    iptables-legacy) grep -qs '^filter$' /proc/net/ip_tables_names || continue ;;
    ip6tables-legacy) grep -qs '^filter$' /proc/net/ip6_tables_names || continue ;;
    esac
    command -v "$command" >/dev/null || continue
    if "$command-save" -t filter 2>/dev/null | grep -q '^:romana-'; then echo "$command"; fi
  done
}

# Takes our chains and the jumps to them out of the filter table, in one transaction. A policy of FORWARD that only
# our own rules were made for goes too: ours is in rules.nft now.
remove_iptables() {
  table=$("$1-save" -t filter)
  others=$(printf '%s\n' "$table" | grep -Ec '^:[^A-Z]|^:[A-Z]+ -|^-A ') || true
  ours=$(printf '%s\n' "$table" | grep -Ec '^:romana-|^-A romana-|^-A (INPUT -j romana-input|FORWARD -j romana-forward)$') || true
  {
    echo "*filter"
    if [ "$mode" = own ] || [ "$others" = "$ours" ]; then echo ":FORWARD ACCEPT [0:0]"; fi
    printf '%s\n' "$table" | sed -n 's/^\(:romana-[^ ]*\) .*/\1 - [0:0]/p'
    printf '%s\n' "$table" | sed -En 's/^-A (INPUT -j romana-input|FORWARD -j romana-forward)$/-D \1/p'
    echo COMMIT
  } | "$1-restore" -w 30 --noflush || fail "$1-restore failed; its rules are still there, next to those of rules.nft"
  for chain in $(printf '%s\n' "$table" | sed -n 's/^:\(romana-[^ ]*\) .*/\1/p'); do
    "$1" -w 30 -X "$chain" 2>/dev/null || say "$chain is empty now, but a rule that is not ours refers to it"
  done
  say "$1: our chains removed"
}

# Sets of ours that the rules of iptables asked (ipset(8)).
remove_sets() {
  command -v ipset >/dev/null || return 0
  for set in $(ipset list -name 2>/dev/null | grep '^romana-' || :); do
    if [ -n "$dry" ]; then
      say "ipset: $set would be removed"
    elif ipset destroy "$set" 2>/dev/null; then
      say "ipset: $set removed"
    else
      say "ipset: $set is left over, but a rule that is not ours refers to it"
    fi
  done
}

# COMMAND TABLE HOOK CHAIN WHAT: the chains of ours in another table. One that the old form does not have is not asked for.
remove_further() {
  case $1 in
  *-legacy)
    names=${1%tables-legacy}
    grep -qs "^$2\$" "/proc/net/${names}_tables_names" || return 0
    ;;
  esac
  table=$("$1-save" -t "$2" 2>/dev/null | sed -n 's/^:\(romana-[^ ]*\) .*/\1/p')
  [ -n "$table" ] || return 0
  if [ -n "$dry" ]; then
    say "$1: $5 would be removed"
    return
  fi
  "$1" -w 30 -t "$2" -D "$3" -j "$4" 2>/dev/null || :
  for chain in $table; do "$1" -w 30 -t "$2" -F "$chain"; done
  for chain in $table; do "$1" -w 30 -t "$2" -X "$chain"; done
  say "$1: $5 removed"
}

main() {
  dry=
  case "${1-}" in
  "") ;;
  --dry-run) dry=yes ;;
  *)
    echo "usage: firewall.sh [--dry-run]" >&2
    exit 64
    ;;
  esac
  [ "$(id -u)" -eq 0 ] || fail "only root can read and change the packet filter"
  case "$0" in */*) cd "${0%/*}" ;; esac
  take_lock
  check_rules
  load
  for command in $(iptables_with_ours); do
    if [ -n "$dry" ]; then say "$command: our chains would be removed"; else remove_iptables "$command"; fi
  done
  for command in iptables-nft ip6tables-nft iptables-legacy ip6tables-legacy; do
    command -v "$command" >/dev/null || continue
    remove_further "$command" mangle PREROUTING romana-steer "the marks of services"
    remove_further "$command" nat POSTROUTING romana-snat "the sources of what leaves the fabric"
  done
  remove_sets
}

# In braces, so that the shell has read all of it before it runs any of it.
{
  main "$@"
  exit
}
# romana-compile: end of loader of the packet filter
