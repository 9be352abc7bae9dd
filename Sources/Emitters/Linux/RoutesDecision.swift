/// The awk program inside `routes.sh`, first part: addresses, which that of a VPC needs too, and the reading of the state.
///
/// POSIX awk, checked with mawk and BusyBox awk; no single quotes, since the shell quotes it with them. Routes are
/// compared as `ip -N -o route show` prints them (ip-route(8)), with protocols and types as numbers.
let addressFunctions: StaticString = #"""
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

  """#

let routesReading: StaticString = #"""
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


  """#

/// Second part: what has to be put and removed, most specific prefixes first.
let routesDeciding: StaticString = #"""
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
    }
  """#
