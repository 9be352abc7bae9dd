#!/bin/sh
# romana-compile: fabric peered, host u1: static routes
# Install as /etc/romana/routes.sh; romana-routes.service runs it at boot and after every change of a link.
#
#   routes.sh            makes the kernel's routes (protocol 77; table main, for services 7700000 and above), its rules of
#                        preference 7700 and the interfaces romana-* equal to the list below
#   routes.sh --dry-run  prints the commands that this would take; needs no root
#   routes.sh --watch    does so now and after every change of a link or an address
#
# Exit status: 0 done; 1 refused or failed, see standard error; 3 done, but some routes have no live next
# hop now; 64 wrong usage. Needs sh, awk, iproute2 and flock (util-linux).
set -eu
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"

wanted() {
  cat <<'END'
gateway romana-gw
address 10.8.0.1/32
route 10.0.0.0/12 blackhole  # network pods
route 10.8.0.0/14 blackhole  # region eu-west-1 pods
route 10.8.0.0/15 blackhole  # rack eu-west-1a pods
route 10.8.0.0/20 blackhole  # own pods
route 10.8.16.0/20 via 172.22.1.5  # host u2 pods
END
}

# ---- The program: the same text in every routes.sh of a release. -----------------------------

# The route protocol number that marks a route as ours (ip-route(8), RTPROTO): only routes that
# carry it are replaced or removed.
proto=77

say() { printf 'routes.sh: %s\n' "$*"; }

fail() {
  printf 'routes.sh: %s\n' "$*" >&2
  exit 1
}

# One run at a time in a network namespace. Descriptor 9 holds the lock until the shell ends.
take_lock() {
  lock=/run/romana-routes.$(readlink /proc/self/ns/net | tr -dc '0-9').lock
  exec 9>"$lock"
  flock -w 120 9 || fail "another run holds $lock; nothing was changed"
}

# All that a decision depends on, in sections. "== end" proves that no command failed on the way.
read_state() {
  echo "== wanted"
  wanted
  echo "== links"
  ip -o link show || return 1
  gateway=$(wanted | awk '$1 == "gateway" { print $2 }')
  if [ -n "$gateway" ] && [ -e "/sys/class/net/$gateway" ]; then
    echo "== gateway"
    ip -o -d link show dev "$gateway" || return 1
    echo "== addresses"
    ip -o address show dev "$gateway" || return 1
    echo "== broadcasts"
    ip -N -o -4 route show table local type broadcast dev "$gateway" || return 1
  fi
  echo "== tunnels"
  ip -o -d link show type vxlan 2>/dev/null || :
  echo "== neighbours"
  ip -o neighbour show nud permanent || return 1
  echo "== filters"
  for name in $(wanted | awk '$1 == "port" || $1 == "tunnel" { print $2 }'); do
    [ ! -e "/proc/sys/net/ipv4/conf/$name" ] || echo "$name $(cat "/proc/sys/net/ipv4/conf/$name/rp_filter")"
  done
  for family in 4 6; do
    [ "$family" = 4 ] || [ -d /proc/sys/net/ipv6 ] || continue
    echo "== rules $family"
    ip -N -o "-$family" rule show 2>/dev/null || :
    echo "== ways $family"
    ip -N -o "-$family" route show table all proto "$proto" || return 1
  done
  echo "== routes 4"
  ip -N -o -4 route show table main || return 1
  if [ -d /proc/sys/net/ipv6 ]; then
    echo "== routes 6"
    ip -N -o -6 route show table main || return 1
    echo "== proxies"
    ip -N -o -6 neighbour show proxy || return 1
  fi
  echo "== end"
}

# Compares what is wanted with what is there. Prints lines that start with
#   conflict  something that is not ours is in the way
#   create    the gateway interface is missing
#   add, del  an ip(8) command: "add" puts what is wanted, "del" removes what is left over
#   way       the same as "add", for services, before any route: tunnels, and what is closed. hop: after the routes
#   rule4, 6  a rule of one family; unrule4, unrule6 to remove one. set: a kernel setting that is to be 0
#   note      a route that cannot be put, or not be used, now; "incomplete" follows if that hurts
#   count     how many routes are wanted, and how many of them are there already
decide() {
  awk -v proto="$proto" '
  # --- Addresses. Prefixes are compared as strings of binary digits: 32 or 128 of them.
  function binary(value, width,    text) {
    for (text = ""; width > 0; width--) { text = (value % 2) text; value = int(value / 2) }
    return text
  }
  function hexGroups(text,    group, count, i, k, value, digits) {
    count = split(text, group, ":")
    digits = ""
    for (i = 1; i <= count; i++) {
      value = 0
      for (k = 1; k <= length(group[i]); k++)
        value = value * 16 + index("0123456789abcdef", substr(group[i], k, 1)) - 1
      digits = digits binary(value, 16)
    }
    return digits
  }
  function bits(address,    part, i, text, tail) {
    text = ""
    if (address ~ /\./) {
      split(address, part, ".")
      for (i = 1; i <= 4; i++) text = text binary(part[i], 8)
      return text
    }
    split(address, part, "::")
    text = hexGroups(part[1])
    tail = hexGroups(part[2])
    while (length(text) + length(tail) < 128) text = text "0000000000000000"
    return text tail
  }
  # The interface on whose connected network an address lies (longest prefix first), or "".
  function connected(address, family,    text, size) {
    if (address in connectedMemo) return connectedMemo[address]
    text = bits(address)
    for (size = family == 4 ? 32 : 128; size > 0; size--)
      if ((family, size) in onLinkSize && (family, substr(text, 1, size)) in onLink) break
    return connectedMemo[address] = size ? onLink[family, substr(text, 1, size)] : ""
  }
  function noteConnected(prefix, family, dev,    part) {
    if (split(prefix, part, "/") < 2) part[2] = family == 4 ? 32 : 128
    onLinkSize[family, part[2]] = 1
    onLink[family, substr(bits(part[1]), 1, part[2])] = dev
  }
  # A prefix as ip prints it; and as ip reads it without a doubt about the family.
  function printed(prefix, family) {
    if (prefix == "0.0.0.0/0" || prefix == "::/0") return "default"
    if (family == 4) sub("/32$", "", prefix)
    else sub("/128$", "", prefix)
    return prefix
  }
  function bare(prefix) {
    sub("/.*", "", prefix)
    return prefix
  }
  function typed(prefix, family) {
    if (prefix != "default") return prefix
    return family == 4 ? "0.0.0.0/0" : "::/0"
  }
  # Hops joined by commas as arguments of ip: one plainly, several each after the word "nexthop".
  function hopArguments(list) {
    if (list !~ /,/) return list
    gsub(",", " nexthop ", list)
    return "nexthop " list
  }

  # --- Reading.
  function readWanted(    family) {
    if ($1 == "gateway") { gateway = $2; gatewayMTU = $4 }
    if ($1 == "uplink") uplinkMTU[$2] = $4
    if ($1 == "address") { address[++addresses] = $2; isWantedAddress[$2] = 1; isWantedBare[bare($2)] = 1 }
    if ($1 != "route") return
    family = $2 ~ /:/ ? 6 : 4
    prefixOf[++total] = $2
    familyOf[total] = family
    number[family, printed($2, family)] = total
    sub(/[ ]*#.*/, "")
    sub(/^route +[^ ]+ +/, "")
    planOf[total] = $0
  }
  function readLink(    name, i) {
    name = $2
    sub(/:$/, "", name)
    sub(/@.*/, "", name)
    isUp[name] = $3 ~ /[<,]UP[,>]/
    hasCarrier[name] = $3 ~ /[<,]LOWER_UP[,>]/
    for (i = 4; i < NF; i++) if ($i == "mtu") mtuOf[name] = $(i + 1)
  }
  function readGateway(    i) {
    gatewayThere = 1
    for (i = 4; i <= NF; i++) if ($i == "dummy" || $i == "bridge") gatewayKind = $i
  }
  # One line of "ip -N -o route show". Its key, its meaning ("blackhole" or the list of hops),
  # and for ours the arguments that delete exactly this route.
  function readRoute(    i, kind, prefix, via, dev, hops, odd, tos, metric, owner, source, object, n) {
    kind = ""
    i = 1
    if ($1 ~ /^[0-9]+$/ || $1 ~ /^[a-z]+$/ && $1 != "default") kind = $(i++)
    sub(/^6$/, "blackhole", kind)
    prefix = $(i++)
    via = dev = hops = odd = tos = metric = owner = source = object = ""
    for (; i <= NF; i++) {
      if ($i == "via") { via = $(++i); if (via == "inet6") { via = via " " $(++i); odd = 1 } }
      else if ($i == "dev") dev = $(++i)
      else if ($i == "proto") owner = $(++i)
      else if ($i == "metric") metric = $(++i)
      else if ($i == "tos") tos = $(++i)
      else if ($i == "scope" || $i == "pref" || $i == "error") i++
      else if ($i == "weight") { if ($(++i) != 1) odd = 1 }
      else if ($i == "src") source = " src " $(++i)
      else if ($i == "nhid") { object = " nhid " $(++i); odd = 1 }
      else if ($i == "nexthop") { hops = addHop(hops, via, dev); via = dev = "" }
      else if ($i != "\\" && $i != "linkdown" && $i != "dead") odd = 1
    }
    hops = addHop(hops, via, dev)
    if (kind == "" && owner != proto && hops !~ /via|,/ && prefix ~ /[.:]/) noteConnected(prefix, family, dev)
    n = 0
    if (tos == "" && metric == (family == 4 ? "" : 1024) && (family, prefix) in number) n = number[family, prefix]
    if (owner != proto) { if (n) foreign[n] = $0; return }
    ours++
    oursNumber[ours] = n
    oursMeaning[ours] = odd ? "odd" : kind == "" ? hops source : kind
    oursDelete[ours] = (kind == "" ? "" : kind " ") typed(prefix, family) \
      (tos == "" ? "" : " tos " tos) (metric == "" ? "" : " metric " metric) source object \
      " proto " proto " table main" (object != "" || kind != "" ? "" : " " hopArguments(hops))
  }
  function addHop(hops, via, dev) {
    if (via == "" && dev == "") return hops
    return hops (hops == "" ? "" : ",") (via == "" ? "" : "via " via " ") "dev " dev
  }

  # --- Services. The tables are 7700000 to 7732767, the rules those of our protocol; all else is not ours.
  function isTunnel(name) { return name ~ /^romana-s[0-9]+$/ }
  function readSteering(    i, n) {
    if ($1 == "tunnel") {
      tunnel[++tunnels] = $2
      isWantedTunnel[$2] = 1
      for (i = 3; i < NF && $i != "#"; i += 2)
        if ($i == "next") neighbour[++neighbours] = $2 " " $(i + 1)
        else tunnelPart[$2, $i] = $(i + 1)
    }
    if ($1 == "port") port[++ports] = $2
    if ($1 == "steer") { steer[++steers] = $2 " " $3 " " $4; isWantedRule[$2 " " $3 " " $4] = 1 }
    if ($1 == "way") {
      n = ++ways
      wayKey[n] = $3 " " $2 " " $4
      isWantedWay[wayKey[n]] = 1
      wayGoal[n] = $5 == "unreachable" ? $5 : $5 " " $6 " " $7 " " $8
    }
  }
  function readTunnel(    i, name) {
    name = $2
    sub(/:$/, "", name)
    sub(/@.*/, "", name)
    tunnelThere[name] = 1
    for (i = 4; i < NF; i++)
      if ($i == "id" || $i == "local" || $i == "remote" || $i == "dstport" || $i == "link/ether") {
        tunnelHas[name, $i] = $(i + 1)
        i++
      } else if ($i == "nolearning") tunnelHas[name, "nolearning"] = 1
  }
  function readRule(    key) {
    if ($1 == "7699:" && $0 ~ "fwmark 0x80000000/0x80000000 iif lo lookup 254 proto " proto "$") guardThere[family] = 1
    if ($0 !~ "proto " proto "$" || $5 !~ /\/0xffff0000$/ || $6 != "lookup") return
    key = $5
    sub("/.*", "", key)
    key = family " " key " " $7
    if ($1 == "7700:") ruleThere[key] = 1
    else print "unrule" family " rule del pref " substr($1, 1, length($1) - 1) " fwmark " $5 " table " $7 " protocol " proto
  }
  function readWay(    i, kind, via, dev, table, metric, key) {
    i = 1
    kind = via = dev = table = metric = ""
    if ($1 ~ /^[0-9]+$/ || $1 == "unreachable") { kind = "unreachable"; i = 2 }
    for (; i <= NF; i++) {
      if ($i == "via") via = $(++i)
      else if ($i == "dev") dev = $(++i)
      else if ($i == "table") table = $(++i)
      else if ($i == "metric") metric = $(++i)
    }
    if (table !~ /^77[0-9][0-9][0-9][0-9][0-9]$/ || table < 7700000 || table > 7732767) return
    key = family " " table " " metric
    wayThere[key] = kind != "" ? kind : "via " via " dev " dev
    wayDelete[key] = "route del " (kind != "" ? kind " " : "") (family == 4 ? "0.0.0.0/0" : "::/0") \
      (via != "" ? " via " via " dev " dev : "") " table " table " metric " metric " proto " proto
  }
  function sameTunnel(name) {
    return tunnelHas[name, "id"] == tunnelPart[name, "id"] && tunnelHas[name, "local"] == tunnelPart[name, "local"] \
      && tunnelHas[name, "remote"] == tunnelPart[name, "remote"] && tunnelHas[name, "dstport"] == 7700 \
      && (name, "nolearning") in tunnelHas \
      && (tunnelPart[name, "remote"] != "" || tunnelHas[name, "link/ether"] == tunnelPart[name, "mac"])
  }
  function decideTunnels(    i, name, part, remote) {
    for (i = 1; i <= tunnels; i++) {
      name = tunnel[i]
      remote = tunnelPart[name, "remote"]
      if (!(name in tunnelThere) || !sameTunnel(name)) {
        if (name in tunnelThere) print "way link del dev " name
        print "way link add dev " name (remote == "" ? " address " tunnelPart[name, "mac"] : "") " mtu " \
          tunnelPart[name, "mtu"] " type vxlan id " tunnelPart[name, "id"] " local " tunnelPart[name, "local"] \
          (remote == "" ? "" : " remote " remote) " dstport 7700 nolearning"
        print "way link set dev " name " up"
        delete isUp[name]
      } else {
        if (mtuOf[name] != tunnelPart[name, "mtu"]) print "way link set dev " name " mtu " tunnelPart[name, "mtu"]
        if (!isUp[name]) print "way link set dev " name " up"
      }
    }
    for (i = 1; i <= neighbours; i++) {
      split(neighbour[i], part, " ")
      if (!(part[1] in isUp) || neighbourThere[neighbour[i]] != tunnelPart[part[1], "mac"])
        print "hop neighbour replace " part[2] " lladdr " tunnelPart[part[1], "mac"] " dev " part[1] " nud permanent"
    }
    for (name in tunnelThere)
      if (isTunnel(name) && !(name in isWantedTunnel)) print "del link del dev " name
  }
  function decideWays(    n, part, word, dev) {
    for (n = 1; n <= ways; n++) {
      split(wayKey[n], part, " ")
      if (part[1] == 6 && !hasIPv6) continue
      if (split(wayGoal[n], word, " ") > 1 && !isTunnel(word[4]) && !(isUp[word[4]] && hasCarrier[word[4]])) {
        downPort[word[4]] = 1
        delete isWantedWay[wayKey[n]]
        continue
      }
      if (wayThere[wayKey[n]] == wayGoal[n] && (word[4] == "" || word[4] in isUp)) continue
      print (wayGoal[n] == "unreachable" ? "way route replace unreachable " : "hop route replace ") \
        (part[1] == 4 ? "0.0.0.0/0" : "::/0") (wayGoal[n] == "unreachable" ? "" : " " wayGoal[n]) \
        (wayGoal[n] ~ /^via/ && wayGoal[n] !~ /^via fe80:/ ? " onlink" : "") " table " part[2] " metric " part[3] " proto " proto
    }
    for (dev in downPort) print "note the service function on " dev " is down"
    for (n in wayThere) if (!(n in isWantedWay)) print "del " wayDelete[n]
  }
  # The packets of the tunnels themselves inherit the mark of what is inside: they stay in table main.
  function decideGuard(family,    guard) {
    guard = " pref 7699 iif lo fwmark 0x80000000/0x80000000 table 254 protocol " proto
    if (family in wantsGuard && !(family in guardThere)) print "rule" family " rule add" guard
    if (!(family in wantsGuard) && family in guardThere) print "unrule" family " rule del" guard
  }
  function decideRules(    i, part, key) {
    for (i = 1; i <= steers; i++) {
      split(steer[i], part, " ")
      if (part[1] == 4 || hasIPv6) wantsGuard[part[1]] = 1
    }
    decideGuard(4)
    decideGuard(6)
    for (i = 1; i <= steers; i++) {
      split(steer[i], part, " ")
      if (part[1] == 6 && !hasIPv6 || steer[i] in ruleThere) continue
      print "rule" part[1] " rule add pref 7700 fwmark " part[2] "/0xffff0000 table " part[3] " protocol " proto
    }
    for (key in ruleThere) if (!(key in isWantedRule)) {
      split(key, part, " ")
      print "unrule" part[1] " rule del pref 7700 fwmark " part[2] "/0xffff0000 table " part[3] " protocol " proto
    }
  }
  # What a function sends on, and what comes out of a tunnel, has the source of an endpoint that is elsewhere.
  function decideSettings(    i) {
    for (i = 1; i <= ports; i++)
      if (port[i] in filterOf && filterOf[port[i]] != 0) print "set net/ipv4/conf/" port[i] "/rp_filter"
    for (i = 1; i <= tunnels; i++)
      if (tunnel[i] in filterOf && filterOf[tunnel[i]] != 0) print "set net/ipv4/conf/" tunnel[i] "/rp_filter"
  }

  # --- Deciding.
  function decideMTU(name, mtu) {
    if (mtu != "" && mtuOf[name] != mtu) print "add link set dev " name " mtu " mtu
  }
  function decideGateway(    i, family, have) {
    if (gateway == "") return
    if (gatewayThere && gatewayKind == "") {
      print "conflict " gateway " exists but is neither a dummy nor a bridge: rename or remove that interface"
      return
    }
    if (!gatewayThere) print "create " gateway
    decideMTU(gateway, gatewayMTU)
    if (!isUp[gateway]) print "add link set dev " gateway " up"
    # IPv6 holds an address only once: with another length it has to go first.
    for (have in present)
      if (have ~ /:/ && !(have in isWantedAddress) && bare(have) in isWantedBare)
        print "add address del " have " dev " gateway
    for (i = 1; i <= addresses; i++)
      if (!(address[i] in present))
        print "add address add " address[i] " dev " gateway (address[i] ~ /:/ ? " nodad" : "") \
          (address[i] ~ /[.].*\/32$|:.*\/128$/ ? "" : " noprefixroute")
    # The last address of a prefix is one for endpoints like any other.
    for (have in broadcasts) print "add route del broadcast " have " dev " gateway " table local"
  }
  # Leftover addresses go after the leftover routes: with an address the kernel removes or changes
  # the routes that have it as their source, and then they could not be deleted as they were read.
  function decideLeftoverAddresses(    have) {
    for (have in present)
      if (!(have in isWantedAddress) && !(have ~ /:/ && bare(have) in isWantedBare))
        print "del address del " have " dev " gateway
  }
  # A host answers a neighbour solicitation only for the addresses of the interface that it came
  # in on, so the IPv6 gateway address needs a proxy entry on each endpoint interface (RFC 4861
  # section 7.2.8; sysctl.conf switches proxy_ndp on).
  function decideProxies(    n, i, word, dev, entry) {
    for (n = 1; n <= total; n++) {
      if (familyOf[n] != 6 || planOf[n] !~ /^dev /) continue
      split(planOf[n], word, " ")
      dev = word[2]
      for (i = 1; i <= addresses; i++) {
        entry = address[i]
        if (!isUp[dev] || entry !~ /:/) continue
        sub("/.*$", "", entry)
        entry = entry " dev " dev
        isWantedProxy[entry] = 1
        if (!(entry in proxies)) print "add neighbour replace proxy " entry " protocol " proto
      }
    }
    for (entry in proxies)
      if (proxies[entry] == proto && !(entry in isWantedProxy)) print "del neighbour del proxy " entry
  }
  # The hops of route n that can be used now, as "via A dev D" joined by commas.
  function liveHops(n,    word, count, i, list, dev, carriers) {
    count = split(planOf[n], word, " ")
    if (word[1] == "dev") {
      if (isUp[word[2]]) return planOf[n]
      print "note " prefixOf[n] ": interface " word[2] " is missing or down"
      return ""
    }
    list = ""
    carriers = 0
    for (i = 1; i < count; i += 2) {
      dev = connected(word[i + 1], familyOf[n])
      if (dev == "") { absent[word[i + 1]]++; continue }
      list = addHop(list, word[i + 1], dev)
      if (hasCarrier[dev]) carriers++
      else silent[word[i + 1]] = dev
    }
    if (carriers == 0) unusable++
    return list
  }
  function decideRoute(n,    meaning) {
    meaning = planOf[n] == "blackhole" ? "blackhole" : liveHops(n)
    if (meaning == "") { skipped[n] = 1; return }
    goal[n] = meaning
    if ((n, meaning) in there) { right++; return }
    pending[n] = 1
    print "add route replace " (meaning == "blackhole" ? "blackhole " : "") prefixOf[n] " proto " proto \
      " table main" (meaning == "blackhole" ? "" : " " hopArguments(meaning))
  }
  # The most specific first: a new discard never covers addresses whose own routes are still to come.
  function decideRoutes(    n, size, part, i, count, list) {
    for (n = 1; n <= total; n++) {
      split(prefixOf[n], part, "/")
      ofSize[part[2]] = ofSize[part[2]] " " n
    }
    for (size = 128; size >= 0; size--) {
      count = split(ofSize[size], list, " ")
      for (i = 1; i <= count; i++) decideRoute(list[i])
    }
  }
  function decideRemovals(    i, n) {
    for (i = 1; i <= ours; i++) {
      n = oursNumber[i]
      if (n && (n in pending || n in skipped || oursMeaning[i] == goal[n])) continue
      print "del route del " oursDelete[i]
    }
  }
  function report(    hop) {
    for (hop in absent) print "note next hop " hop " is on no connected network: left out of " absent[hop] " routes"
    for (hop in silent) print "note next hop " hop " is on " silent[hop] ", which has no carrier"
    if (unusable) print "incomplete " unusable
    print "count " total " " right + 0
  }

  /^== / { section = $2; family = $3; if ($2 == "routes" && $3 == 6) hasIPv6 = 1; next }
  section == "wanted" { readSteering(); readWanted() }
  section == "links" { readLink() }
  section == "gateway" { readGateway() }
  section == "addresses" && !($3 == "inet6" && $4 ~ /^fe[89ab]/) { present[$4] = 1 }
  section == "broadcasts" { broadcasts[$2] = 1 }
  section == "routes" { readRoute() }
  section == "tunnels" { readTunnel() }
  section == "neighbours" { if ($4 == "lladdr") neighbourThere[$3 " " $1] = $5 }
  section == "filters" { filterOf[$1] = $2 }
  section == "rules" { readRule() }
  section == "ways" { readWay() }
  section == "proxies" { proxies[$1 " dev " $3] = /proto / ? $NF : "other" }
  END {
    if (section != "end") exit 1
    for (n = 1; n <= total; n++)
      if (n in foreign) print "conflict " prefixOf[n] " is not ours: \"" foreign[n] "\""
    for (i = 1; i <= ours; i++) there[oursNumber[i], oursMeaning[i]] = 1
    decideGateway()
    decideTunnels()
    decideWays()
    decideRules()
    decideSettings()
    decideRoutes()
    decideProxies()
    for (uplink in uplinkMTU) if (uplink in isUp) decideMTU(uplink, uplinkMTU[uplink])
    decideRemovals()
    decideLeftoverAddresses()
    report()
  }'
}

# The rest of the lines of $decision that start with the word $1.
lines() { printf '%s\n' "$decision" | sed -n "s/^$1 //p"; }

# A minimal kernel may lack the dummy driver; a bridge without ports does as well.
create_gateway() {
  ip link add "$1" type dummy 2>/dev/null || ip link add "$1" type bridge
}

decide_or_stop() {
  decision=$(read_state | decide) || fail "the kernel's tables could not be read; nothing was changed"
  conflicts=$(lines conflict)
  [ -z "$conflicts" ] || fail "nothing was changed, because of what is not ours:
$conflicts
Remove what is named above, or take it out of the topology, and run this again."
}

# Runs the commands of the lines that start with $1; stops at the first that fails.
run_lines() {
  lines "$1" | ip -batch - || fail "ip refused a command; $2. See: routes.sh --dry-run"
}

# The same for rules, whose family is not seen from the command.
run_rules() {
  [ -z "$(lines "$1$2")" ] || lines "$1$2" | ip "-$2" -batch - || fail "ip refused a rule. See: routes.sh --dry-run"
}

# All that has to be put.
pending() { for kind in way set rule4 rule6 add hop; do lines "$kind"; done; }

apply() {
  take_lock
  decide_or_stop
  put=$(pending | grep -c .) || :
  round=0
  while [ -n "$(pending)" ]; do
    round=$((round + 1))
    [ "$round" -le 3 ] || fail "the kernel does not keep what it was told: $(pending | head -n 1)"
    for name in $(lines create); do create_gateway "$name"; done
    [ -z "$(lines way)" ] || run_lines way "nothing was removed"
    for setting in $(lines set); do echo 0 >"/proc/sys/$setting"; done
    run_rules rule 4
    run_rules rule 6
    run_lines add "nothing was removed"
    [ -z "$(lines hop)" ] || run_lines hop "nothing was removed"
    decide_or_stop
  done
  removed=$(for kind in unrule4 unrule6 del; do lines "$kind"; done | grep -c .) || :
  run_rules unrule 4
  run_rules unrule 6
  run_lines del "what is wanted is in place, leftovers are not all removed"
  summary "put $put, removed $removed"
}

dry_run() {
  decide_or_stop
  lines create | sed 's/.*/ip link add & type dummy/'
  lines way | sed 's/^/ip /'
  lines set | sed 's/.*/echo 0 >\/proc\/sys\/&/'
  for family in 4 6; do lines "rule$family" | sed "s/^/ip -$family /"; done
  for kind in add hop; do lines "$kind"; done | sed 's/^/ip /'
  for family in 4 6; do lines "unrule$family" | sed "s/^/ip -$family /"; done
  lines del | sed 's/^/ip /'
  put=$(pending | grep -c .) || :
  removed=$(for kind in unrule4 unrule6 del; do lines "$kind"; done | grep -c .) || :
  summary "to put $put, to remove $removed"
}

summary() {
  lines note | sed 's/^/routes.sh: /'
  set -- "$1" "$(lines count)" "$(lines incomplete)"
  say "${2% *} routes wanted, ${2#* } in place; $1${3:+; $3 without a live next hop}"
  [ -z "$3" ] || exit 3
}

# Applies after each burst of link or address changes, and once at the start. The monitor listens
# before the first run, so that no change is missed; "timeout 1 cat" lets a burst settle and
# swallows it. A run that failed is repeated: whatever was in the way may have gone.
watch() {
  ip -o monitor link address | {
    echo start
    cat
  } | while read -r _; do
    timeout 1 cat >/dev/null || :
    until sh "$0" || [ $? -eq 3 ]; do sleep 30; done
  done
  fail "ip monitor ended"
}

main() {
  case "${1-}" in
  "" | --watch) [ "$(id -u)" -eq 0 ] || fail "only root may change routes; --dry-run needs no root" ;;
  esac
  case "${1-}" in
  "") apply ;;
  --dry-run) dry_run ;;
  --watch) watch ;;
  *)
    echo "usage: routes.sh [--dry-run | --watch]" >&2
    exit 64
    ;;
  esac
}

# In braces, so that the shell has read all of it before it runs any of it.
{
  main "$@"
  exit
}
# romana-compile: end of static routes
