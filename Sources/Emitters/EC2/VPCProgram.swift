/// The program of a VPC's `routes.sh`: the same text in every region, after the list of what is wanted.
///
/// POSIX sh and awk. It works in three steps, as that of hosts does: `read_state` asks EC2 once, `decide` compares, and `apply` runs
/// what `decide` printed. Nothing runs before the shell has read the whole file.
let vpcProgramHead: StaticString = #"""
  say() { printf 'routes.sh: %s\n' "$*"; }

  fail() {
    printf 'routes.sh: %s\n' "$*" >&2
    exit 1
  }

  ec2() { AWS_PAGER="" aws --region "$region" --output text ec2 "$@"; }

  # The list, with what the caller says in place of `-`.
  settled() {
    wanted | sed 's/ *#.*//' | awk -v vpc="${ROMANA_VPC-}" -v table="${ROMANA_ROUTE_TABLE-}" '
      $1 == "vpc" && $3 == "-" { if (vpc == "") exit 2; $3 = vpc }
      ($1 == "table" || $1 == "route") && $2 == "-" { if (table == "") exit 3; $2 = table }
      {
        for (i = 2; i <= NF; i++) if ($i ~ /^\$ROMANA_/) {
          name = substr($i, 2)
          if (ENVIRON[name] == "") { print name; exit 4 }
          $i = ENVIRON[name]
        }
        print
      }'
  }

  settle() {
    list=$(settled) || case $? in
    2) fail "the topology has no \`id:\` of the VPC: say it as ROMANA_VPC=vpc-..." ;;
    3) fail "the topology has no \`route_table:\`: say it as ROMANA_ROUTE_TABLE=rtb-..." ;;
    4) fail "the topology lacks an id: say it as $(printf '%s\n' "$list" | tail -n 1)=..." ;;
    *) fail "the list can't be read" ;;
    esac
    region=$(printf '%s\n' "$list" | awk '$1 == "vpc" { print $2 }')
    vpc=$(printf '%s\n' "$list" | awk '$1 == "vpc" { print $3 }')
  }

  each() { printf '%s\n' "$list" | awk -v kind="$1" '$1 == kind && !seen[$2]++ { print $2 }'; }

  """#

let vpcProgramReading: StaticString = #"""

  # All that a decision depends on, in sections. "== end" proves that no command failed on the way.
  read_state() {
    echo "== wanted"
    printf '%s\n' "$list"
    echo "== interfaces"
    ec2 describe-network-interfaces --filters "Name=vpc-id,Values=$vpc" --query "NetworkInterfaces[].[
      NetworkInterfaceId, to_string(SourceDestCheck),
      join(',', [PrivateIpAddresses[].PrivateIpAddress, Ipv6Addresses[].Ipv6Address][])]" || return 1
    for table in $(each table); do
      echo "== table $table"
      ec2 describe-route-tables --route-table-ids "$table" --query "RouteTables[].[
        [['vpc', VpcId]],
        Routes[].['route', not_null(DestinationCidrBlock, DestinationIpv6CidrBlock, DestinationPrefixListId),
          not_null(NetworkInterfaceId, GatewayId, NatGatewayId, TransitGatewayId, VpcPeeringConnectionId,
            EgressOnlyInternetGatewayId, CarrierGatewayId, CoreNetworkArn, LocalGatewayId, InstanceId, 'other')],
        Tags[].['tag', Key, Value]][][]" || return 1
    done
    for table in $(each transit); do
      echo "== transit $table"
      ec2 search-transit-gateway-routes --transit-gateway-route-table-id "$table" --filters Name=type,Values=static --query "[
        [['more', to_string(AdditionalRoutesAvailable)]],
        Routes[].['route', DestinationCidrBlock, not_null(TransitGatewayAttachments[0].TransitGatewayAttachmentId, 'none')]][]" || return 1
      ec2 describe-transit-gateway-route-tables --transit-gateway-route-table-ids "$table" --query "TransitGatewayRouteTables[].[
        [['known', TransitGatewayId]], Tags[].['tag', Key, Value]][][]" || return 1
    done
    for group in $(each group); do
      echo "== group $group"
      ec2 describe-security-group-rules --filters "Name=group-id,Values=$group" --query "SecurityGroupRules[?!IsEgress].[
        SecurityGroupRuleId, IpProtocol, not_null(CidrIpv4, CidrIpv6, '-'), not_null(Description, '-')]" || return 1
    done
    echo "== end"
  }

  # Compares what is wanted with what is there. Prints lines that start with
  #   wrong     what keeps the script from doing anything
  #   run       a command of `aws ec2` that has to come before others; put, then drop: those that follow
  #   note      what a person should know
  #   count     how many routes are wanted, and how many of them are there already
  decide() {
    awk '

  """#

/// The awk program, after `addressFunctions`. Tags are tab-separated as the CLI prints them, since values of others may hold blanks.
let vpcDeciding: StaticString = #"""
    # --- Prefixes as strings of binary digits.
    function digits(prefix,    part) {
      split(prefix, part, "/")
      return substr(bits(part[1]), 1, part[2])
    }
    function family(text) { return text ~ /:/ ? 6 : 4 }
    function key(prefix) { return family(prefix) " " digits(prefix) }
    function within(prefix, space) {
      return family(prefix) == family(space) && index(digits(prefix), digits(space)) == 1
    }
    function isOurs(table, prefix,    i) {
      if ((table in isTable) && (key(prefix) in isPeer) || (table, key(prefix)) in markPeer) return 1
      for (i = 1; i <= spaces; i++) if (within(prefix, space[i])) return 1
      for (i = 1; i <= marks; i++) if (markTable[i] == table && within(prefix, markSpace[i])) return 1
      return 0
    }
    function destination(prefix) {
      return (family(prefix) == 6 ? "--destination-ipv6-cidr-block " : "--destination-cidr-block ") prefix
    }
    function wrong(text) { print "wrong " text; isWrong = 1 }

    # --- Reading.
    /^== / { section = $2; owner = $3; if ($2 == "end") complete = 1; next }
    section == "wanted" && $1 == "vpc" { vpc = $3; fabric = $4; region = $2 }
    section == "wanted" && $1 == "instance" {
      name[++instances] = $2
      given[$2] = $3
      for (i = 4; i <= NF; i++) addressOf[$2, i - 3] = $i
      addresses[$2] = NF - 3
    }
    section == "wanted" && $1 == "table" { table[++tables] = $2; isTable[$2] = 1 }
    section == "wanted" && $1 == "space" { space[++spaces] = $2 }
    section == "wanted" && $1 == "peer" { peer[++peers] = $2; isPeer[key($2)] = 1 }
    section == "wanted" && $1 == "link" { linkOption["link:" $2] = $3; interface["link:" $2] = $4 }
    section == "wanted" && $1 == "transit" { table[++tables] = $2 }
    section == "wanted" && $1 == "transit-route" {
      transitTable[++transits] = $2; transitPrefix[transits] = $3; attachment[transits] = $4
    }
    section == "wanted" && $1 == "route" {
      routeTable[++routes] = $2; prefix[routes] = $3; first[routes] = $4; second[routes] = $5
    }
    section == "wanted" && $1 == "group" { group[++groups] = $2; source[groups] = $3 }
    section == "interfaces" {
      check[$1] = tolower($2)
      count = split($3, part, ",")
      for (i = 1; i <= count; i++) {
        holder[key(part[i] (family(part[i]) == 6 ? "/128" : "/32"))] = $1
        held[$1, key(part[i] (family(part[i]) == 6 ? "/128" : "/32"))] = 1
      }
      isThere[$1] = 1
    }
    section == "table" && $1 == "vpc" {
      if ($2 != vpc) wrong("the table " owner " is of the VPC " $2 ", not of " vpc)
      tableThere[owner] = 1
    }
    section == "table" && $1 == "route" && $2 ~ /\// {
      there[owner, key($2)] = $3
      present[++presents] = owner " " $2
    }
    section == "transit" && $1 == "more" && tolower($2) == "true" { wrong("the table " owner " has too many routes to be read at once") }
    section == "transit" && $1 == "known" { tableThere[owner] = 1 }
    section == "transit" && $1 == "route" {
      there[owner, key($2)] = $3
      present[++presents] = owner " " $2
    }
    (section == "table" || section == "transit") && $1 == "tag" {
      split($0, part, "\t")
      if (part[2] ~ /^romana-compile:space:/) {
        if (part[3] != fabric "/" region) {
          wrong("the table " owner " is tagged as of " part[3] ", not of " fabric "/" region)
        }
        markTable[++marks] = owner
        markSpace[marks] = substr(part[2], 22)
      }
      if (part[2] ~ /^romana-compile:peer:/) {
        markPeer[owner, key(substr(part[2], 21))] = 1
        peerTag[++peerTags] = owner " " substr(part[2], 21)
      }
      if (part[2] ~ /^romana-compile:failed:/) failed[owner, substr(part[2], 23)] = 1
    }
    section == "group" { rule[++rules] = owner " " $1; ruleProtocol[rules] = $2; ruleSource[rules] = $3; ruleText[rules] = $4 }

    # --- Deciding.
    function findInterface(host,    i, where, prefix) {
      if (given[host] != "-") {
        where = given[host]
        if (!(where in isThere)) wrong("there is no interface " where " of " host " in " vpc)
      } else where = holder[key(addressOf[host, 1] (family(addressOf[host, 1]) == 6 ? "/128" : "/32"))]
      if (where == "") wrong("no interface in " vpc " has the address " addressOf[host, 1] " of " host)
      else for (i = 1; i <= addresses[host]; i++) {
        prefix = addressOf[host, i] (family(addressOf[host, i]) == 6 ? "/128" : "/32")
        if ((where in isThere) && !((where, key(prefix)) in held)) wrong("the interface " where " of " host " lacks the address " addressOf[host, i])
      }
      return interface[host] = where
    }
    function decideRoutes(    i, target, now) {
      for (i = 1; i <= routes; i++) {
        target = first[i]
        if (second[i] != "-" && (routeTable[i], first[i]) in failed) {
          target = second[i]
          print "note " prefix[i] " stays with " target ": failover.sh has given up " first[i]
        }
        isWanted[routeTable[i], key(prefix[i])] = 1
        now = there[routeTable[i], key(prefix[i])]
        if (now == interface[target]) { inPlace++; continue }
        print "put " (now == "" ? "create-route" : "replace-route") " --route-table-id " routeTable[i] " " \
          destination(prefix[i]) " " (target in linkOption ? linkOption[target] : "--network-interface-id") " " interface[target]
      }
    }
    function decideTransits(    i, now) {
      for (i = 1; i <= transits; i++) {
        isWanted[transitTable[i], key(transitPrefix[i])] = 1
        now = there[transitTable[i], key(transitPrefix[i])]
        if (now == attachment[i]) { inPlace++; continue }
        print "put " (now == "" ? "create" : "replace") "-transit-gateway-route --transit-gateway-route-table-id " transitTable[i] \
          " --destination-cidr-block " transitPrefix[i] " --transit-gateway-attachment-id " attachment[i]
      }
    }
    function decideTags(    i, k, known) {
      for (i = 1; i <= tables; i++) {
        for (k = 1; k <= spaces; k++) {
          isSpace[key(space[k])] = 1
          known = 0
          for (m = 1; m <= marks; m++) if (markTable[m] == table[i] && key(markSpace[m]) == key(space[k])) known = 1
          if (!known) print "run create-tags --resources " table[i] " --tags Key=romana-compile:space:" space[k] ",Value=" fabric "/" region
        }
        if (table[i] in isTable) for (k = 1; k <= peers; k++)
          if (!((table[i], key(peer[k])) in markPeer)) print "run create-tags --resources " table[i] " --tags Key=romana-compile:peer:" peer[k] ",Value=" fabric "/" region
      }
    }
    function decideGroups(    i, k, found) {
      for (i = 1; i <= groups; i++) {
        isSource[group[i], key(source[i])] = 1
        found = 0
        for (k = 1; k <= rules; k++)
          if (rule[k] ~ "^" group[i] " " && ruleProtocol[k] == "-1" && ruleSource[k] != "-" && key(ruleSource[k]) == key(source[i])) found = 1
        if (!found) {
          print "put authorize-security-group-ingress --group-id " group[i] " --ip-permissions IpProtocol=-1," \
            (family(source[i]) == 6 ? "Ipv6Ranges=[{CidrIpv6=" : "IpRanges=[{CidrIp=") source[i] ",Description=romana-compile:" fabric "}]"
        }
      }
      for (k = 1; k <= rules; k++) {
        split(rule[k], part, " ")
        if (ruleText[k] != "romana-compile:" fabric || (part[1], key(ruleSource[k])) in isSource) continue
        print "drop revoke-security-group-ingress --group-id " part[1] " --security-group-rule-ids " part[2]
      }
    }
    END {
      if (!complete) exit 1
      for (i = 1; i <= tables; i++) if (!(table[i] in tableThere)) wrong("there is no table " table[i])
      for (i = 1; i <= instances; i++) findInterface(name[i])
      if (isWrong) exit 0
      for (i = 1; i <= instances; i++)
        if (check[interface[name[i]]] != "false") print "run modify-network-interface-attribute --network-interface-id " interface[name[i]] " --no-source-dest-check"
      decideTags()
      decideRoutes()
      decideTransits()
      for (i = 1; i <= presents; i++) {
        split(present[i], part, " ")
        if ((part[1], key(part[2])) in isWanted || !isOurs(part[1], part[2])) continue
        if (part[1] in isTable) print "drop delete-route --route-table-id " part[1] " " destination(part[2])
        else print "drop delete-transit-gateway-route --transit-gateway-route-table-id " part[1] " --destination-cidr-block " part[2]
      }
      decideGroups()
      # What an older topology had is forgotten when nothing is left of it.
      for (i = 1; i <= marks; i++)
        if (!(key(markSpace[i]) in isSpace)) print "drop delete-tags --resources " markTable[i] " --tags Key=romana-compile:space:" markSpace[i]
      for (i = 1; i <= peerTags; i++) {
        split(peerTag[i], part, " ")
        if (!(key(part[2]) in isPeer)) print "drop delete-tags --resources " part[1] " --tags Key=romana-compile:peer:" part[2]
      }
      print "count " routes + transits + 0 " " inPlace + 0
    }

  """#

let vpcProgramTail: StaticString = #"""
  '
  }

  # The rest of the lines of $decision that start with the word $1.
  lines() { printf '%s\n' "$decision" | sed -n "s/^$1 //p"; }

  decide_or_stop() {
    decision=$(read_state | decide) || fail "EC2 could not be asked; nothing was changed"
    problems=$(lines wrong)
    [ -z "$problems" ] || fail "nothing was changed:
  $problems"
  }

  # Runs the commands of the lines that start with $1; stops at the first that fails.
  run_lines() {
    lines "$1" | while read -r line; do
      # The words are ids, prefixes and options of this file; none holds a blank.
      # shellcheck disable=SC2086
      ec2 $line >/dev/null </dev/null || exit 1
    done || fail "EC2 refused a command: $2. See: routes.sh --dry-run"
  }

  commands() { for kind in run put drop; do lines "$kind"; done; }

  apply() {
    decide_or_stop
    changes=$(commands | grep -c .) || :
    run_lines run "no route was changed"
    run_lines put "nothing was removed"
    run_lines drop "what is wanted is in place, leftovers are not all removed"
    summary "$changes changes"
  }

  dry_run() {
    decide_or_stop
    commands | sed "s/^/aws --region $region ec2 /; s/ \(IpProtocol=[^ ]*\)/ '\1'/"
    changes=$(commands | grep -c .) || :
    summary "$changes changes to make"
  }

  summary() {
    lines note | sed 's/^/routes.sh: /'
    set -- "$1" "$(lines count)"
    say "${2% *} routes wanted, ${2#* } were in place; $1"
  }

  main() {
    # No word of this file stands for names of files.
    set -f
    settle
    case "${1-}" in
    "") apply ;;
    --dry-run) dry_run ;;
    *)
      echo "usage: routes.sh [--dry-run]" >&2
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
