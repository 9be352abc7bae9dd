/// The awk program inside `routes.sh`, third part: services. Tunnels, the ways in tables of our own, and the rules that send
/// marked packets there (ip-rule(8), ip-link(8)).
let routesSteering: StaticString = #"""
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


  """#
