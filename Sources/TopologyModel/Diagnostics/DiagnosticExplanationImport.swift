/// RC0710 to RC0717: policies of other systems.
let importExplanations: [DiagnosticCode: String] = [
  .notRepresentable: """
  A policy of another system says something that this language can't say.
  It is not left out, since the rest would mean something else: a named port, all segments but some, a
  code of ICMP, a policy of Romana for egress, or a kind of policy that is not imported.

      wrong: ports: [{ protocol: TCP, port: http }]
      right: ports: [{ protocol: TCP, port: 8080 }]

  Say it in another way in the input, or write that policy in this language.
  """,
  .unmappedLabel: """
  A selector of a NetworkPolicy uses a label that names neither a segment nor a namespace.
  A namespace is a tenant, and the value of one label of a pod its segment. Labels of namespaces are
  looked up in the Namespace objects of the input, if it has some.

      wrong: podSelector: { matchLabels: { role: db } }
      right: podSelector: { matchLabels: { romana.io/segment: db } }

  Select by the segment's label, or name it: `--segment-label role`.
  """,
  .unknownPolicyForm: """
  A document of the input is neither an object of Kubernetes nor a policy of Romana.
  Objects of Kubernetes have `apiVersion` and `kind`; Romana's policies have `applied_to`, alone, in a
  list or under `securitypolicies`.

      right: { "securitypolicies": [{ "name": "p", "direction": "ingress", "applied_to": [ … ] }] }

  Leave it out of the input.
  """,
  .objectLeftOut: """
  An object of Kubernetes that is no policy was left out.
  Namespaces are read for their labels; all other kinds say nothing about policies.

      kind: Deployment

  Remove it from the input, or silence this warning: `--allow RC0713`.
  """,
  .importedWithoutEffect: """
  A part of an imported policy means nothing, where it comes from or here.
  A selector that selects nothing, rules of a direction that `policyTypes` leaves out, a policy for
  what the host sends to its own endpoints, or `is_stateful: false`.

      wrong: { policyTypes: [Ingress], egress: [{ to: [{ podSelector: {} }] }] }
      right: { policyTypes: [Ingress, Egress], egress: [{ to: [{ podSelector: {} }] }] }

  Check whether more was meant. A warning: what is written says the same as the input.
  """,
  .invalidForeignPolicy: """
  A policy of another system is wrong by that system's own rules.
  Kubernetes refuses a peer with `ipBlock` and a selector, a peer without any, `endPort` without
  `port` and an `except` outside of its `cidr`; Romana ports with ICMP, and reversed ranges.

      wrong: ipBlock: { cidr: 192.0.2.0/24, except: [198.51.100.0/28] }
      right: ipBlock: { cidr: 192.0.2.0/24, except: [192.0.2.16/28] }

  Correct it. A NetworkPolicy without `namespace:` gets one from `--namespace`.
  """,
  .importedTextChanged: """
  A name or description of an imported policy was changed, so that it may stand in rules.
  Names have at most 63 letters, digits, `-`, `_` and `.`; descriptions 100 characters of ASCII,
  without quotes, backslashes and the like.

      wrong: "description": "the \"jump\" hosts"
      right: "description": "the jump hosts"

  Give it one that fits, or silence this warning: `--allow RC0716`.
  """,
  .nothingToImport: """
  The input holds no policy.
  Every file was read, and none had a NetworkPolicy of Kubernetes or a policy of Romana.

      romana-compile import policies network-policies.yaml -o policies.yaml

  Check which files were named.
  """,
]
