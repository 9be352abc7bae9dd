/// RC0701 to RC0719: policies.
let policyExplanations: [DiagnosticCode: String] = [
  .policyNeverReached: """
  A policy decides nothing: others that are asked before it cover it and say the same.
  The message names them and a packet that the policy is about. Policies are asked by `priority`, the
  lower number first; at one priority denials come before allowances.

      wrong: - { name: all, to: { tenant: acme }, allow: [tcp] }
             - { name: ssh, priority: 200, to: { tenant: acme }, allow: [tcp/22] }
      right: - { name: all, to: { tenant: acme }, allow: [tcp] }

  Remove it, or narrow the others. A warning: the rules do what the policies say.
  """,
  .policyContradicted: """
  A policy decides nothing: others that are asked before it cover it, and say the opposite.
  The message names them and a packet that fares otherwise than the policy says.

      wrong: - { name: no-telnet, to: { tenant: acme }, deny: [tcp/23] }
             - { name: telnet, to: { tenant: acme, segment: old }, allow: [tcp/23] }
      right: - { name: no-telnet, to: { tenant: acme }, deny: [tcp/23] }
             - { name: telnet, priority: 50, to: { tenant: acme, segment: old }, allow: [tcp/23] }

  Give the policy a lower `priority:`, or remove one of the two. A warning: the rules do what the
  priorities say.
  """,
  .policyMatchesNothing: """
  A policy is about no packet at all.
  Its sides have no address family in common, or nothing that it names has addresses where it is
  named: a tenant has no network in a region, or `icmpv6` is the only protocol between IPv4 addresses.

      wrong: { name: p, from: { cidr: "2001:db8::/32" }, to: { tenant: v4only }, allow: [tcp/443] }
      right: { name: p, from: { cidr: 192.0.2.0/24 }, to: { tenant: v4only }, allow: [tcp/443] }

  Correct it, or remove it.
  """,
  .policyWithoutServices: """
  A policy neither allows nor denies anything.

      wrong: { name: p, from: any, to: { tenant: acme } }
      right: { name: p, from: any, to: { tenant: acme }, allow: [tcp/443] }

  Add `allow:` or `deny:` with protocols; `[any]` means all of them.
  """,
  .contradictsIsolation: """
  A policy about every protocol does the opposite of what a tenant's `isolation` says.
  Either it denies everything between endpoints that the isolation lets talk, or it allows everything
  into a whole isolated tenant from another, or between its segments. Policies that name protocols
  or segments refine the isolation and are fine.

      wrong: { name: p, to: { tenant: acme }, deny: [any] }
      right: { name: p, to: { tenant: acme }, deny: [any], overrides_isolation: true }

  Narrow the policy, change the tenant's `isolation:`, or say that it is meant.
  """,
  .peerConflict: """
  The keys of a peer do not go together.
  `local_host` stands alone; `segment` needs one `tenant`, or `"*"`; `hosts` and `cidr` say where, so
  that `rack` and `region` have no place beside them. `cidr` with `tenant` means its endpoints there.

      wrong: from: { rack: rack1, cidr: 192.0.2.0/24 }
      right: from: [{ rack: rack1 }, { cidr: 192.0.2.0/24 }]

  Make several peers of it: a policy is about any of them.
  """,
  .policyDirection: """
  A policy's direction does not go with who it is about.
  `ingress` is about what comes in to endpoints and hosts, `egress` about what endpoints open; without
  the key it is `ingress`. Nothing can be denied to the host itself on the way to its own endpoints.

      wrong: { name: p, from: { tenant: qa }, to: { cidr: 198.51.100.0/24 }, deny: [tcp] }
      right: { name: p, direction: egress, to: { cidr: 198.51.100.0/24 }, deny: [tcp] }

  Choose the other direction, or name another peer.
  """,
  .invalidComment: """
  A description has a character that can't stand in the comment of a rule, or is too long.
  It reaches the packet filters of every host, where quotes, backslashes, `$` or line breaks would end
  the comment. Letters and digits of ASCII, spaces and some punctuation are fine.

      wrong: description: "the \\"jump\\" hosts"
      right: description: "the jump hosts"

  Write it without the character, in at most 100 characters.
  """,
  .policyWithoutEffect: """
  A policy allows what needs no policy.
  A host reaches its own endpoints always: its own traffic is never filtered.

      wrong: { name: probes, from: { local_host: true }, to: { tenant: acme }, allow: [tcp/8080] }

  Remove the peer. A warning: nothing else is affected.
  """,
]
