#!/bin/sh
# romana-compile: fabric peered, host u1: loader of the packet filter
# Install in /etc/romana beside rules.v4, rules.v6 and, if there is one, ipset.conf; romana-routes.service runs it at boot.
#
#   firewall.sh            loads both files, each family as a whole or not at all; leaves alone what is in place
#   firewall.sh --dry-run  checks both files and says what would be loaded
#
# Flows that were accepted before outlive a stricter rule until "conntrack -D" ends them.
# Exit status: 0 done; 1 refused or failed, see standard error; 64 wrong usage.
# A table of ours in nftables, from a time when the host had rules.nft, is removed after that.
# Needs sh, awk, flock (util-linux) and iptables with either backend; ipset where there is a file ipset.conf.
set -eu
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"

# own: the whole filter table is ours. share: only the chains romana-* and two jumps to them are.
mode=own
# Whether there is a file ipset.conf, whose sets the rules ask.
sets=

# ---- The program: the same text in every firewall.sh of a release. ---------------------------

# A file of sets that was cut short, or that holds anything but sets of ours, is refused before any change.
check_sets() {
  tail -n 1 ipset.conf | grep -q '^# romana-compile: end of ' || fail "ipset.conf is missing or cut short"
  command -v ipset >/dev/null || fail "ipset is not installed; nothing was changed"
  strange=$(sed '/^#/d; /^create romana-[^ ]* hash:net family inet6\{0,1\} maxelem [0-9]*$/d
    /^add romana-[^ ]* [0-9a-f.:]*\/[0-9]*$/d' ipset.conf | head -n 1)
  [ -z "$strange" ] || fail "ipset.conf holds '$strange'; nothing was changed"
}

# Definitions without what the kernel adds, and members, in an order of their own; single addresses without their length.
text_of_sets() {
  sed -n 's/^create \(romana-[^ ]* hash:net family inet6\{0,1\}\) .*/create \1/p
    /^add romana-/{ s/\(\.[0-9]*\)\/32$/\1/; s/\/128$//; p; }' | sort
}

# Our sets in the kernel that are not in the file.
stale_sets() {
  { [ -z "$sets" ] || sed -n 's/^create \([^ ]*\) .*/wanted \1/p' ipset.conf
    ipset list -name; } | awk '$1 == "wanted" { wanted[$2] = 1; next } /^romana-/ && !($1 in wanted)'
}

sets_are_loaded() {
  [ "$(sed -n 's/^create \([^ ]*\) .*/\1/p' ipset.conf |
    while read -r set; do ipset save "$set" 2>/dev/null </dev/null || :; done |
    text_of_sets)" = "$(text_of_sets <ipset.conf)" ]
}

# Commands that make the sets as the file has them.
set_commands() {
  { ipset list -name | sed 's/^/there /'; cat ipset.conf; } | awk '
    function exchange() { if (set != "") { print "swap " set " " set ".new"; print "destroy " set ".new" } }
    $1 == "there" { there[$2] = 1 }
    $1 == "create" {
      exchange()
      set = $2
      if ((set ".new") in there) print "destroy " set ".new"
      if (!(set in there)) print
      $2 = set ".new"
      print
    }
    $1 == "add" { print "add " set ".new " $3 }
    END { exchange() }'
}

load_sets() {
  if sets_are_loaded; then
    say "ipset: in place"
  elif [ -n "$dry" ]; then
    say "ipset: ipset.conf would be loaded"
  else
    set_commands | ipset restore || fail "ipset failed; the rules were not changed"
    say "ipset: ipset.conf loaded"
  fi
}

remove_stale_sets() {
  command -v ipset >/dev/null || return 0
  for set in $(stale_sets); do
    if [ -n "$dry" ]; then
      say "ipset: $set would be removed"
    elif ipset destroy "$set" 2>/dev/null; then
      say "ipset: $set removed"
    else
      say "ipset: $set is left over, but a rule that is not ours refers to it"
    fi
  done
}

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

# A rules file that was cut short, or that iptables does not understand, is refused before any change.
check_rules() {
  tail -n 1 "$2" | grep -q '^# romana-compile: end of ' || fail "$2 is missing or cut short"
  # Sets that are not there yet are no mistake.
  sed 's/ -m set --match-set [^ ]* [a-z]*//g' "$2" | "$1-restore" --test $keep ||
    fail "$1-restore refuses $2; nothing was changed"
}

# The table without comments and counters, and OSPF by its number. In share mode: our own chains only.
text_of_ours() {
  if [ "$mode" = own ]; then
    sed '/^#/d; s/ \[[0-9]*:[0-9]*\]$/ [0:0]/; s/ -p ospf / -p 89 /; s/ -p gre / -p 47 /'
  else
    sed -n '/^:romana-/s/ \[[0-9]*:[0-9]*\]$/ [0:0]/p; /^-A romana-/p'
  fi
}

hooked() { "$1" -w 30 -C "$2" -j "$3" 2>/dev/null; }

# The part of a file that is about one table.
table_of() { sed -n "/^\*$2\$/,/^COMMIT\$/p" "$1"; }

is_loaded() {
  if [ "$mode" = share ]; then
    hooked "$1" INPUT romana-input && hooked "$1" FORWARD romana-forward || return 1
  fi
  [ "$("$1-save" -t filter | text_of_ours)" = "$(table_of "$2" filter | text_of_ours)" ]
}

# Own chains that are in the table but not in the file.
stale_chains() {
  "$1-save" -t filter | awk -v file="$2" '
    BEGIN { while ((getline line < file) > 0 && line != "COMMIT") if (split(line, word, " ") && word[1] ~ /^:/) known[word[1]] = 1 }
    /^:romana-/ && !($1 in known) { print substr($1, 2) }'
}

# Our chains change in one transaction, which also empties those that are left over from an earlier
# file. Then the two jumps are put first in the chains of the table, where they are missing.
load_shared() {
  stale=$(stale_chains "$1" "$2")
  {
    echo "*filter"
    for chain in $stale; do echo ":$chain - [0:0]"; done
    table_of "$2" filter | sed 1d
  } | "$1-restore" -w 30 --noflush || fail "$1-restore failed; this family was not changed"
  for chain in $stale; do
    "$1" -w 30 -X "$chain" 2>/dev/null || say "$chain is empty now, but a rule that is not ours refers to it"
  done
  hooked "$1" INPUT romana-input || "$1" -w 30 -I INPUT 1 -j romana-input
  hooked "$1" FORWARD romana-forward || "$1" -w 30 -I FORWARD 1 -j romana-forward
}

load() {
  if is_loaded "$1" "$2"; then
    say "$1: in place"
  elif [ -n "$dry" ]; then
    say "$1: $2 would be loaded"
  elif [ "$mode" = own ]; then
    table_of "$2" filter | "$1-restore" -w 30 || fail "$1-restore failed; this family was not changed"
    say "$1: $2 loaded"
  else
    load_shared "$1" "$2"
    say "$1: $2 loaded"
  fi
}

# The chains that mark packets of services, in the table mangle, and those that give packets the host's address, in nat:
# ours only, whatever the mode, and a jump to them.
# The old form of iptables is not asked where the kernel has no such table, since asking makes one.
further_text() { sed -n '/^:romana-/s/ \[[0-9]*:[0-9]*\]$/ [0:0]/p; /^-A romana-/p'; }

further_in_kernel() {
  case $("$1" -V) in
  *legacy*) grep -qs "^$2\$" "/proc/net/${1%tables}_tables_names" || return 0 ;;
  esac
  "$1-save" -t "$2" | further_text
}

further_hooked() { "$1" -w 30 -t "$2" -C "$3" -j "$4" 2>/dev/null; }

# COMMAND FILE TABLE HOOK CHAIN WHAT
load_further() {
  wanted=$(table_of "$2" "$3" | further_text)
  there=$(further_in_kernel "$1" "$3")
  if [ "$wanted" = "$there" ]; then
    [ -n "$wanted" ] || return 0
    if further_hooked "$1" "$3" "$4" "$5"; then return 0; fi
  fi
  if [ -n "$dry" ]; then
    say "$1: $6 would be changed"
    return
  fi
  stale=$(printf '%s\n==\n%s\n' "$there" "$wanted" | awk '
    /^==$/ { after = 1 }
    /^:/ && after { known[$1] = 1 }
    /^:/ && !after { old[$1] = 1 }
    END { for (chain in old) if (!(chain in known)) print substr(chain, 2) }')
  {
    echo "*$3"
    if [ -z "$wanted" ] && further_hooked "$1" "$3" "$4" "$5"; then echo "-D $4 -j $5"; fi
    for chain in $stale; do echo ":$chain - [0:0]"; done
    if [ -n "$wanted" ]; then table_of "$2" "$3" | sed 1d; else echo COMMIT; fi
  } | "$1-restore" -w 30 --noflush || fail "$1-restore failed; $6 were not changed"
  for chain in $stale; do "$1" -w 30 -t "$3" -X "$chain"; done
  [ -z "$wanted" ] || further_hooked "$1" "$3" "$4" "$5" || "$1" -w 30 -t "$3" -I "$4" 1 -j "$5"
  say "$1: $6 changed"
}

# A host has one backend: the table of rules.nft goes once these rules are in place.
remove_nft() {
  command -v nft >/dev/null && nft list tables 2>/dev/null | grep -qx 'table inet romana' || return 0
  if [ -n "$dry" ]; then
    say "nft: the table inet romana would be removed"
  else
    nft delete table inet romana || fail "nft failed; the table inet romana is still there, next to these rules"
    say "nft: the table inet romana removed"
  fi
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
  keep=--noflush
  [ "$mode" = share ] || keep=
  take_lock
  families=iptables
  [ ! -d /proc/sys/net/ipv6 ] || families="iptables ip6tables"
  for command in $families; do check_rules "$command" "$(file_of "$command")"; done
  [ -z "$sets" ] || check_sets
  [ -z "$sets" ] || load_sets
  for command in $families; do load "$command" "$(file_of "$command")"; done
  for command in $families; do
    file=$(file_of "$command")
    load_further "$command" "$file" mangle PREROUTING romana-steer "the marks of services"
    load_further "$command" "$file" nat POSTROUTING romana-snat "the sources of what leaves the fabric"
  done
  remove_nft
  remove_stale_sets
}

file_of() { [ "$1" = iptables ] && echo rules.v4 || echo rules.v6; }

# In braces, so that the shell has read all of it before it runs any of it.
{
  main "$@"
  exit
}
# romana-compile: end of loader of the packet filter
