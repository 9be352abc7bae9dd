import TopologyModel

/// Spells `failover.sh` of a VPC: the routes that have a second instance, and the program that moves them.
///
/// It asks EC2 for nothing that it does not need, so that it works while much else does not.
func emitFailoverScript(_ device: DevicePlan, into writer: inout TextWriter) {
  guard let vpc = device.vpc else { return }
  writer.write("#!/bin/sh\n")
  emitHeader(device, what: "failover", into: &writer)
  writer.write(failoverIntroduction)
  writer.write("set -eu\nexport LC_ALL=C PATH=\"$PATH:/usr/sbin:/sbin\"\n\n")
  writer.write("wanted() {\n  cat <<'END'\n")
  writeVPC(device, vpc, into: &writer)
  let used = Set(
    vpc.tables.flatMap(\.routes).flatMap { route -> [Int] in
      guard case .instance(let first, let standby?) = route.target else { return [] }
      return [first, standby]
    })
  for index in vpc.instances.indices where used.contains(index) { write(vpc.instances[index], into: &writer) }
  for table in vpc.tables {
    for route in table.routes where route.standby != nil { write(route, table, vpc, into: &writer) }
  }
  writer.write("END\n}\n\n")
  writer.write(vpcProgramMark)
  writer.write(failoverProgram)
  emitEndMarker(what: "failover", into: &writer)
}

private let failoverIntroduction: StaticString = #"""
  # For a health check, or a person, that finds a forwarding instance lost: static routes do not move by themselves.
  #
  #   failover.sh NAME             moves every route that leads over NAME to the instance that takes its place
  #   failover.sh --back NAME      moves them back
  #   failover.sh --dry-run ...    prints the commands that this would take
  #
  # A tag of the tables remembers it, so that routes.sh leaves the routes where they are until --back. A second run is harmless.
  # An instance that no other can stand in for has no routes here: what is routed to it is on it.
  #
  # Exit status: 0 done, or nothing to move; 1 failed, see standard error; 64 wrong usage. ROMANA_VPC and ROMANA_ROUTE_TABLE as for
  # routes.sh. Needs sh, awk and aws, and the rights of ec2:ReplaceRoute, {Create,Delete}Tags and, without `eni:`, DescribeNetworkInterfaces.

  """#

private let failoverProgram: StaticString = #"""
  say() { printf 'failover.sh: %s\n' "$*"; }

  fail() {
    printf 'failover.sh: %s\n' "$*" >&2
    exit 1
  }

  usage() {
    echo "usage: failover.sh [--dry-run] [--back] NAME" >&2
    exit 64
  }

  # Runs a command, or prints it.
  ec2() {
    if [ -n "$dry" ]; then
      echo "aws --region $region ec2 $*"
    else
      AWS_PAGER="" aws --region "$region" --output text ec2 "$@" >/dev/null </dev/null 3>&-
    fi
  }

  settle() {
    list=$(wanted | sed 's/ *#.*//')
    region=$(printf '%s\n' "$list" | awk '$1 == "vpc" { print $2 }')
    vpc=$(printf '%s\n' "$list" | awk '$1 == "vpc" { print $3 }')
    [ "$vpc" != - ] || vpc=${ROMANA_VPC-}
  }

  interface_of() {
    id=$(printf '%s\n' "$list" | awk -v name="$1" '$1 == "instance" && $2 == name { print $3 }')
    if [ "$id" = - ]; then
      [ -n "$vpc" ] || fail "the topology has no \`id:\` of the VPC: say it as ROMANA_VPC=vpc-..."
      address=$(printf '%s\n' "$list" | awk -v name="$1" '$1 == "instance" && $2 == name { print $4 }')
      case $address in
      *:*) filter=ipv6-addresses.ipv6-address ;;
      *) filter=addresses.private-ip-address ;;
      esac
      id=$(AWS_PAGER="" aws --region "$region" --output text ec2 describe-network-interfaces --filters \
        "Name=vpc-id,Values=$vpc" "Name=$filter,Values=$address" --query "NetworkInterfaces[].NetworkInterfaceId") ||
        fail "EC2 could not be asked for the interface of $1"
    fi
    case $id in
    eni-*) printf '%s\n' "$id" ;;
    *) fail "no interface in $vpc is that of $1" ;;
    esac
  }

  # The routes that have the instance for their first: TABLE PREFIX SECOND.
  routes_of() { printf '%s\n' "$list" | awk -v name="$1" '$1 == "route" && $4 == name { print $2, $3, $5 }'; }

  move() {
    table=$1
    if [ "$table" = - ]; then
      table=${ROMANA_ROUTE_TABLE-}
      [ -n "$table" ] || fail "the topology has no \`route_table:\`: say it as ROMANA_ROUTE_TABLE=rtb-..."
    fi
    target=$(interface_of "$3") || exit 1
    case $2 in
    *:*) option=--destination-ipv6-cidr-block ;;
    *) option=--destination-cidr-block ;;
    esac
    ec2 replace-route --route-table-id "$table" "$option" "$2" --network-interface-id "$target" || return 1
    [ -n "$dry" ] || say "$2 in $table leads over $3"
  }

  mark() {
    table=$1
    [ "$table" != - ] || table=${ROMANA_ROUTE_TABLE-}
    if [ -n "$back" ]; then
      ec2 delete-tags --resources "$table" --tags "Key=romana-compile:failed:$2"
    else
      ec2 create-tags --resources "$table" --tags "Key=romana-compile:failed:$2,Value=failover.sh"
    fi
  }

  main() {
    dry="" back=""
    exec 3>&1
    while :; do
      case "${1-}" in
      --dry-run) dry=yes ;;
      --back) back=yes ;;
      *) break ;;
      esac
      shift
    done
    [ $# -eq 1 ] || usage
    name=$1
    settle
    routes=$(routes_of "$name")
    if [ -z "$routes" ]; then
      say "no route leads over $name that another could take over; nothing to do"
      return
    fi
    # First what counts; a route that can't be moved does not keep the others from it.
    lost=$(printf '%s\n' "$routes" | while read -r table prefix second; do
      if [ -n "$back" ]; then target=$name; else target=$second; fi
      move "$table" "$prefix" "$target" >&3 || echo "$prefix"
    done)
    printf '%s\n' "$routes" | awk '!seen[$1]++ { print $1 }' | while read -r table; do
      mark "$table" "$name" >&3 || exit 1
    done || fail "the tag could not be put: routes.sh would move the routes again"
    # shellcheck disable=SC2086
    [ -z "$lost" ] || fail "not moved:" $lost
  }

  # In braces, so that the shell has read all of it before it runs any of it.
  {
    main "$@"
    exit
  }

  """#
