#!/bin/sh
# romana-compile: fabric peered, VPC us-west-2: failover
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
set -eu
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"

wanted() {
  cat <<'END'
vpc us-west-2 vpc-00000000000000002 peered
instance w1 eni-00000000000000a01 172.21.1.4  # zone us-west-2a
instance w2 eni-00000000000000a02 172.21.1.5  # zone us-west-2a
route rtb-00000000000000002 10.0.0.0/14 w1 w2  # region us-east-1 pods
route rtb-00000000000000002 10.8.0.0/14 w1 w2  # region eu-west-1 pods
END
}

# ---- The program: the same text in every file of a release. ----------------------------------

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
# romana-compile: end of failover
