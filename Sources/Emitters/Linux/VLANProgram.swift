/// The program of `vlans.sh`: the same text on every host, after the list of what the host wants.
///
/// POSIX sh, built like that of `routes.sh`: the state is read once, compared with the list, and what the comparison
/// printed is carried out. Tables are filled before a rule leads to them, and rules go before tables do.
let vlanProgramHead: StaticString = #"""
  # ---- The program: the same text in every vlans.sh of a release. ------------------------------

  # The protocol number that marks routes and rules as ours (ip-route(8), ip-rule(8)).
  proto=77

  say() { printf 'vlans.sh: %s\n' "$*"; }

  fail() {
    printf 'vlans.sh: %s\n' "$*" >&2
    exit 1
  }

  # One run at a time in a network namespace. Descriptor 9 holds the lock until the shell ends.
  take_lock() {
    lock=/run/romana-vlans.$(readlink /proc/self/ns/net | tr -dc '0-9').lock
    exec 9>"$lock"
    flock -w 120 9 || fail "another run holds $lock; nothing was changed"
  }

  # All that a decision depends on, in sections. "== end" proves that no command failed on the way. Where there
  # is no such table yet, ip says so and fails: that is an empty one.
  read_state() {
    echo "== wanted"
    wanted
    echo "== links"
    ip -o -d link show || return 1
    echo "== addresses"
    ip -o address show || return 1
    for family in 4 6; do
      [ "$family" = 4 ] || [ -d /proc/sys/net/ipv6 ] || continue
      echo "== rules $family"
      ip -N "-$family" rule show || return 1
      echo "== routes $family"
      ip -N -o "-$family" route show table all || return 1
    done
    echo "== end"
  }

  # Compares what is wanted with what is there. Prints lines that start with
  #   conflict  something that is not ours is in the way
  #   create    a sub-interface is missing: its name, the interface below and the id
  #   add, del  an ip(8) command: "add" puts what is wanted, "del" removes what is left over;
  #             with a 4 or 6 behind it one of that family
  #   note      what cannot be put now; "incomplete" follows
  #   count     how much is wanted, and how much of it is there already
  decide() {
    awk -v proto="$proto" '

  """#

let vlanDecision: StaticString = #"""
    # --- Reading. Everything becomes a text that is the same for what is wanted and what is there.
    function readWanted(    text, f) {
      if ($1 == "trunk") { trunkMTU[$2] = $4; return }
      if ($1 == "vlan") {
        vlan[++vlans] = $2; below[$2] = $4; tag[$2] = $6; isWantedLink[$2] = 1
        if ($7 == "mtu") linkMTU[$2] = $8
        return
      }
      if ($1 == "address") { address[++addresses] = $2 " " $3; isWantedAddress[$2 " " $3] = 1; return }
      text = $0
      sub(/^[a-z]+ +/, "", text)
      if ($1 == "rule") { sub(/lookup main$/, "lookup 254", text); rule[++rules] = text; isWantedRule[text] = 1 }
      if ($1 == "route") {
        sub(/ (0\.0\.0\.0\/0|::\/0)( |$)/, " default ", text)
        sub(/ $/, "", text)
        f = index($0, ":") ? 6 : 4
        route[++routes] = f " " text; isWantedRoute[f " " text] = 1
      }
    }
    function readLink(    name, i, part) {
      name = $2
      sub(/:$/, "", name)
      if (split(name, part, "@") > 1) lower[part[1]] = part[2]
      name = part[1]
      isThere[name] = 1
      isUp[name] = $3 ~ /[<,]UP[,>]/
      for (i = 4; i < NF; i++) {
        if ($i == "mtu") mtuOf[name] = $(i + 1)
        if ($i == "alias" && $(i + 1) ~ /^romana-vlan/) isOurs[name] = 1
        if ($i == "vlan" && $(i + 1) == "protocol") { protocolOf[name] = $(i + 2); idOf[name] = $(i + 4) }
      }
    }
    # "7710:  from all iif eth0.10 lookup 254 proto 77" is "4 7710 iif eth0.10 lookup 254".
    function readRule(    text) {
      if ($1 !~ /^771[01]:$/ || $0 !~ (" proto " proto "$")) return
      text = $0
      sub(/ proto [0-9]+$/, "", text)
      sub(/:[ \t]+/, " ", text)
      sub(/ \[detached\]/, "", text)
      sub(/ from all iif /, " iif ", text)
      gsub(/[ \t]+/, " ", text)
      presentRule[family " " text] = 1
    }
    # "9 10.0.0.0/8 table 7740010 proto 77" is "4 7740010 throw 10.0.0.0/8".
    function readRoute(    i, kind, prefix, via, dev, metric, owner, table, other) {
      kind = via = dev = metric = owner = table = other = ""
      i = 1
      if ($1 ~ /^[0-9]+$/ || $1 == "throw" || $1 == "blackhole") kind = $(i++)
      sub(/^6$/, "blackhole", kind)
      sub(/^9$/, "throw", kind)
      prefix = $(i++)
      for (; i <= NF; i++) {
        if ($i == "via") via = $(++i)
        else if ($i == "dev") dev = $(++i)
        else if ($i == "metric") metric = $(++i)
        else if ($i == "proto") owner = $(++i)
        else if ($i == "table") table = $(++i)
        else if ($i == "pref" || $i == "error" || $i == "scope") i++
        else if ($i != "linkdown" && $i != "dead" && $i != "\\") other = other " " $i
      }
      if (table + 0 < 7740001 || table + 0 > 7744094 || owner != proto) return
      if (family == 6 && metric == 1024) metric = ""
      presentRoute[family " " table " " (kind == "" ? "" : kind " ") prefix \
        (via == "" ? "" : " via " via " dev " dev) (metric == "" ? "" : " metric " metric) other] = 1
    }

    # --- Deciding.
    function typed(text, family) {
      sub(/ default/, family == 4 ? " 0.0.0.0/0" : " ::/0", text)
      return text
    }
    # "7740010 throw P" as the arguments of ip: kind and prefix, then the table.
    function routeArguments(text,    family, table) {
      family = substr(text, 1, 1)
      text = typed(substr(text, 3), family)
      table = text
      sub(/ .*/, "", table)
      sub(/^[0-9]+ /, "", text)
      return text " table " table " proto " proto
    }
    function ruleArguments(text) {
      sub(/^[46] /, "pref ", text)
      return text " protocol " proto
    }
    function decideLink(name,    up) {
      if (!(name in isThere)) {
        if (!(below[name] in isThere)) { note(name ": the interface " below[name] " is missing"); return }
        print "create " name " " below[name] " " tag[name]
        return
      }
      if ((name in idOf) && (idOf[name] != tag[name] || protocolOf[name] != "802.1Q" || lower[name] != below[name])) {
        print "conflict " name " is VLAN " idOf[name] " (" protocolOf[name] ") of " lower[name] ", not " tag[name] " of " below[name]
        return
      }
      if ((name in linkMTU) && mtuOf[name] != linkMTU[name]) print "add link set dev " name " mtu " linkMTU[name]
      if (isUp[name]) return
      up = !(name in idOf) || isUp[below[name]]
      if (up && (name in isOurs)) print "add link set dev " name " up"
      else note(name " is down")
    }
    function note(text) { print "note " text; missing++ }
    function decide(    i, n, key, name, words, isUsable) {
      for (name in trunkMTU)
        if ((name in isThere) && mtuOf[name] + 0 < trunkMTU[name] + 0) print "add link set dev " name " mtu " trunkMTU[name]
      for (i = 1; i <= vlans; i++) decideLink(vlan[i])
      for (i = 1; i <= addresses; i++) {
        split(address[i], words, " ")
        if (!(words[1] in isThere)) continue
        if (address[i] in presentAddress) right++
        else print "add address add " words[2] " dev " words[1]
      }
      for (i = 1; i <= routes; i++) {
        if (route[i] in presentRoute) { right++; continue }
        isUsable = 1
        if (route[i] ~ / dev /) { name = route[i]; sub(/.* dev /, "", name); sub(/ .*/, "", name); isUsable = isUp[name] }
        if (isUsable) print "add route replace " routeArguments(route[i])
        else missing++
      }
      for (i = 1; i <= rules; i++) {
        if (rule[i] in presentRule) right++
        else print "add" substr(rule[i], 1, 1) " rule add " ruleArguments(rule[i])
      }
      for (key in presentRule)
        if (!(key in isWantedRule)) print "del" substr(key, 1, 1) " rule del " ruleArguments(key)
      for (key in presentRoute)
        if (!(key in isWantedRoute)) print "del route del " routeArguments(key)
      for (key in presentAddress) {
        split(key, words, " ")
        if ((words[1] in isOurs) && (words[1] in isWantedLink) && !(key in isWantedAddress))
          print "del address del " words[2] " dev " words[1]
      }
      for (name in isOurs) if (!(name in isWantedLink)) print "del link del dev " name
    }

    /^== / { section = $2; family = $3; next }
    section == "wanted" { sub(/ *#.*/, ""); $1 = $1; readWanted() }
    section == "links" { readLink() }
    section == "addresses" && !($3 == "inet6" && $4 ~ /^fe[89ab]/) { presentAddress[$2 " " $4] = 1 }
    section == "rules" { readRule() }
    section == "routes" { readRoute() }
    END {
      if (section != "end") exit 1
      decide()
      if (missing) print "incomplete " missing
      print "count " addresses + routes + rules " " right + 0
    }
  """#

let vlanProgramTail: StaticString = #"""
  '
  }

  # The rest of the lines of $decision whose first word is $1, a basic regular expression.
  lines() { printf '%s\n' "$decision" | sed -n "s/^$1 //p"; }

  decide_or_stop() {
    decision=$(read_state | decide) || fail "the kernel's tables could not be read; nothing was changed"
    conflicts=$(lines conflict)
    [ -z "$conflicts" ] || fail "nothing was changed, because of what is not ours:
  $conflicts
  Remove what is named above, or take it out of the topology, and run this again."
  }

  # The sub-interface NAME of LINK with the tag ID; sysctl.conf came too early for it.
  create() {
    ip link add link "$2" name "$1" type vlan id "$3" || fail "cannot make $1 (does the kernel have 8021q?)"
    ip link set dev "$1" alias romana-vlan
    if [ -w "/proc/sys/net/ipv4/conf/$1/rp_filter" ]; then echo 0 >"/proc/sys/net/ipv4/conf/$1/rp_filter"; fi
  }

  # Rules take their family from the command line of ip, not from an address in them.
  run_lines() {
    lines "$1" | ip ${3:+"$3"} -batch - || fail "ip refused a command; $2. See: vlans.sh --dry-run"
  }

  put_lines() {
    run_lines add "nothing was removed"
    run_lines add4 "nothing was removed" -4
    run_lines add6 "nothing was removed" -6
  }

  remove_lines() {
    run_lines del4 "what is wanted is in place, leftovers are not all removed" -4
    run_lines del6 "what is wanted is in place, leftovers are not all removed" -6
    run_lines del "what is wanted is in place, leftovers are not all removed"
  }

  count_lines() { lines "$1" | grep -c . || :; }

  apply() {
    take_lock
    decide_or_stop
    put=$(count_lines 'add[46]*')
    round=0
    while [ -n "$(lines create)$(lines 'add[46]*')" ]; do
      round=$((round + 1))
      [ "$round" -le 4 ] || fail "the kernel does not keep what it was told: $(lines 'add[46]*' | head -n 1)"
      made=$(lines create)
      # Interfaces first: what leads over them is decided again when they are there.
      if [ -n "$made" ]; then
        printf '%s\n' "$made" | while read -r name link id; do create "$name" "$link" "$id"; done
        decide_or_stop
        put=$(count_lines 'add[46]*')
        continue
      fi
      put_lines
      decide_or_stop
    done
    removed=$(count_lines 'del[46]*')
    remove_lines
    summary "put $put, removed $removed"
  }

  dry_run() {
    decide_or_stop
    lines create | sed 's/\([^ ]*\) \([^ ]*\) \([^ ]*\)/ip link add link \2 name \1 type vlan id \3/'
    for verb in add del; do
      lines "$verb" | sed 's/^/ip /'
      lines "${verb}4" | sed 's/^/ip -4 /'
      lines "${verb}6" | sed 's/^/ip -6 /'
    done
    summary "to put $(count_lines 'add[46]*'), to remove $(count_lines 'del[46]*')"
  }

  summary() {
    lines note | sed 's/^/vlans.sh: /'
    set -- "$1" "$(lines count)" "$(lines incomplete)"
    say "${2% *} things wanted, ${2#* } in place; $1${3:+; $3 not possible now}"
    [ -z "$3" ] || exit 3
  }


  """#

let vlanMain: StaticString = #"""
  main() {
    case "${1-}" in
    "" | --watch) [ "$(id -u)" -eq 0 ] || fail "only root may change VLANs; --dry-run needs no root" ;;
    esac
    case "${1-}" in
    "") apply ;;
    --dry-run) dry_run ;;
    --watch) watch ;;
    *)
      echo "usage: vlans.sh [--dry-run | --watch]" >&2
      exit 64
      ;;
    esac
  }

  # In braces, so that the shell has read all of it before it runs any of it.
  {
    main "$@"
    exit
  }

  """#
