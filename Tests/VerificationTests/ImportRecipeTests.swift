import Testing
import TopologyModel
import Verification

/// What the usual recipes for NetworkPolicies and the examples of Romana's handbook do, packet by packet, once imported.
@Suite struct ImportRecipeTests {
  /// A recipe and the packets that tell whether it works: `from to service`, where a side is `tenant/segment` or an
  /// address, and the service `tcp/80` or `icmp`.
  struct Recipe: Sendable, CustomTestStringConvertible {
    var name: String
    var text: String
    var passes: [String]
    var stopped: [String]
    var testDescription: String { name }
  }

  private static func policy(_ spec: String, namespace: String = "n0") -> String {
    "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: recipe, namespace: \(namespace) }\nspec: \(spec)\n"
  }

  static let recipes: [Recipe] = [
    Recipe(
      name: "an empty selector and no rules: nothing comes in, everything may leave",
      text: policy("{ podSelector: {}, policyTypes: [Ingress] }"),
      passes: ["n0/web n1/web tcp/80", "n0/web 198.51.100.9 tcp/443"],
      stopped: ["n0/web n0/web tcp/80", "n1/web n0/web tcp/80", "198.51.100.9 n0/web tcp/80", "n1/db n0/db icmp"]),
    Recipe(
      name: "an empty rule: everything comes in",
      text: policy("{ podSelector: {}, policyTypes: [Ingress], ingress: [{}] }"),
      passes: ["n1/web n0/web tcp/80", "198.51.100.9 n0/web udp/5000", "n0/db n0/web icmp"], stopped: []),
    Recipe(
      name: "no egress",
      text: policy("{ podSelector: {}, policyTypes: [Egress] }"),
      passes: ["n1/web n0/web tcp/80"],
      stopped: ["n0/web n1/web tcp/80", "n0/web n0/web tcp/80", "n0/web 198.51.100.9 tcp/443"]),
    Recipe(
      name: "all egress", text: policy("{ podSelector: {}, policyTypes: [Egress], egress: [{}] }"),
      passes: ["n0/web n1/web tcp/80", "n0/db 198.51.100.9 udp/53"], stopped: []),
    Recipe(
      name: "nothing in or out", text: policy("{ podSelector: {}, policyTypes: [Ingress, Egress] }"),
      passes: ["n1/web n1/web tcp/80"],
      stopped: ["n0/web n0/web tcp/80", "n1/web n0/web tcp/80", "n0/web n1/web tcp/80", "n0/web 198.51.100.9 tcp/80"]),
    Recipe(
      name: "one segment reaches another on one port",
      text: policy(
        "{ podSelector: { matchLabels: { romana.io/segment: db } }, ingress: [{ from: [{ podSelector: { matchLabels: { romana.io/segment: web } } }], ports: [{ protocol: TCP, port: 6379 }] }] }"
      ),
      passes: ["n0/web n0/db tcp/6379", "n1/web n0/cache tcp/80"],
      stopped: ["n0/web n0/db tcp/6380", "n0/cache n0/db tcp/6379", "n1/web n0/db tcp/6379", "n0/web n0/db udp/6379"]),
    Recipe(
      name: "a block of addresses but for a part of it",
      text: policy(
        "{ podSelector: { matchLabels: { romana.io/segment: db } }, ingress: [{ from: [{ ipBlock: { cidr: 198.51.0.0/16, except: [198.51.100.0/24] } }] }] }"
      ),
      passes: ["198.51.101.7 n0/db tcp/80", "198.51.0.1 n0/db udp/9", "198.51.255.255 n0/db icmp"],
      stopped: [
        "198.51.100.0 n0/db tcp/80", "198.51.100.255 n0/db tcp/80", "198.52.0.1 n0/db tcp/80", "n0/db n0/db tcp/80",
      ]),
    Recipe(
      name: "a range of ports to a block",
      text: policy(
        "{ podSelector: {}, policyTypes: [Egress], egress: [{ to: [{ ipBlock: { cidr: 198.51.100.0/24 } }], ports: [{ port: 32000, endPort: 32768 }] }] }"
      ),
      passes: ["n0/web 198.51.100.9 tcp/32000", "n0/web 198.51.100.9 tcp/32768"],
      stopped: ["n0/web 198.51.100.9 tcp/31999", "n0/web 198.51.100.9 tcp/32769", "n0/web n1/web tcp/32000"]),
    Recipe(
      name: "all pods of another namespace",
      text: policy(
        "{ podSelector: {}, ingress: [{ from: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: n2 } } }] }] }"
      ),
      passes: ["n2/web n0/db tcp/80", "n2/cache n0/web icmp"], stopped: ["n1/web n0/db tcp/80", "n0/web n0/db tcp/80"]),
    Recipe(
      name: "namespace and segment in one peer are both meant, in two peers either",
      text: policy(
        "{ podSelector: { matchLabels: { romana.io/segment: db } }, ingress: [{ from: [{ namespaceSelector: { matchLabels: { namespace: n2 } }, podSelector: { matchLabels: { romana.io/segment: web } } }, { podSelector: { matchLabels: { romana.io/segment: cache } } }] }] }"
      ),
      passes: ["n2/web n0/db tcp/80", "n0/cache n0/db tcp/80"], stopped: ["n2/db n0/db tcp/80", "n0/web n0/db tcp/80"]),
    Recipe(
      name: "both ends are isolated: both must allow",
      text: policy(
        "{ podSelector: {}, policyTypes: [Ingress], ingress: [{ from: [{ namespaceSelector: {} }], ports: [{ port: 80 }, { port: 443 }] }] }"
      ) + "---\n"
        + policy(
          "{ podSelector: {}, policyTypes: [Egress], egress: [{ ports: [{ port: 443 }, { port: 53, protocol: UDP }] }] }",
          namespace: "n1"),
      passes: ["n1/web n0/web tcp/443", "n2/web n0/web tcp/80", "n1/web n2/web udp/53", "n1/web 198.51.100.9 tcp/443"],
      stopped: ["n1/web n0/web tcp/80", "n1/web n0/web udp/53", "n1/web n2/web tcp/80", "198.51.100.9 n0/web tcp/443"]),
    Recipe(
      name: "namespaces by labels of their own, from the objects of the input",
      text: policy(
        "{ podSelector: {}, ingress: [{ from: [{ namespaceSelector: { matchExpressions: [{ key: team, operator: NotIn, values: [blue] }] } }] }] }"
      ) + """
        ---
        { apiVersion: v1, kind: List, items: [{ kind: Namespace, apiVersion: v1, metadata: { name: n0, labels: { team: blue } } },
          { kind: Namespace, apiVersion: v1, metadata: { name: n1, labels: { team: red } } }, { kind: Namespace, apiVersion: v1, metadata: { name: n2 } }] }

        """,
      passes: ["n1/web n0/web tcp/80", "n2/db n0/web tcp/80"],
      stopped: ["n0/web n0/web tcp/80", "n3/web n0/web tcp/80"]),
    Recipe(
      name: "Romana: ports and a range of them from anywhere",
      text: """
        { "securitypolicies": [{ "name": "open", "description": "web and voice", "direction": "ingress",
          "applied_to": [{ "tenant": "n0", "segment": "web" }, { "tenant": "n0", "segment": "db" }],
          "peers": [{ "cidr": "0.0.0.0/0" }],
          "rules": [{ "protocol": "tcp", "ports": [80, 443] }, { "protocol": "UDP", "ports": [53], "port_ranges": [[16000, 16100]] }] }] }
        """,
      passes: ["198.51.100.9 n0/web tcp/443", "n1/web n0/db udp/16100", "n1/web n0/web udp/53"],
      stopped: ["198.51.100.9 n0/web tcp/22", "198.51.100.9 n0/cache tcp/80", "198.51.100.9 n0/web udp/16101"]),
    Recipe(
      name: "Romana: types of ICMP from one segment to another",
      text: """
        [{ "name": "ping", "direction": "ingress", "applied_to": [{ "tenant": "n1", "segment": "db", "tenant_network_id": 4 }],
          "peers": [{ "tenant": "n0", "segment": "web" }], "rules": [{ "protocol": "icmp", "icmp_type": 8 }] }]
        """,
      passes: ["n0/web n1/db icmp"], stopped: ["198.51.100.9 n1/db icmp", "198.51.100.9 n1/db tcp/80"]),
    Recipe(
      name: "Romana's second form: lists of peers with their rules",
      text: """
        { "id": "kube.n0.p", "direction": "ingress", "applied_to": [{ "tenant_id": "n0", "segment_id": "db" }],
          "ingress": [{ "peers": [{ "tenant_id": "n1" }], "rules": [{ "protocol": "tcp", "ports": [80] }] },
            { "peers": [{ "peer": "any" }], "rules": [{ "protocol": "udp" }] }] }
        """,
      passes: ["n1/web n0/db tcp/80", "198.51.100.9 n0/db udp/9"], stopped: ["198.51.100.9 n0/db tcp/80"]),
  ]

  @Test(arguments: recipes) func `a recipe does what it says`(recipe: Recipe) throws {
    // Every tenant lets all endpoints in, so that what is stopped is stopped by the policies.
    let journey = try Journey(try Fabric(fabric(try importText(recipe.text))))
    for packet in recipe.passes { #expect(try passes(packet, journey), "\(packet) should pass") }
    for packet in recipe.stopped { #expect(try !passes(packet, journey), "\(packet) should be stopped") }
  }

  private func passes(_ packet: String, _ journey: Journey) throws -> Bool {
    let words = packet.split(separator: " ").map(String.init)
    let parts = words[2].split(separator: "/")
    let port = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    let payload: Packet.Payload =
      switch parts[0] {
      case "tcp": .tcp(source: 40000, destination: port)
      case "udp": .udp(source: 40000, destination: port)
      default: .icmp(type: 8)
      }
    return journey.passes(
      try address(words[0], host: 0, journey), try address(words[1], host: 2, journey), payload)
  }

  /// Sources are on the first host, destinations on the third.
  private func address(_ text: String, host: Int, _ journey: Journey) throws -> Address {
    let topology = journey.fabric.topology
    if let address = try? Address(parsing: text) { return address }
    let parts = text.split(separator: "/").map(String.init)
    let tenant = try #require(topology.tenants.first { $0.name.text == parts[0] })
    let segment = try #require(tenant.segments.first { $0.name.text == parts[1] })
    return try #require(Addresses(topology: topology).address(host, 0, tenant: tenant.id, segment: segment.id))
  }

  private func fabric(_ policies: String) -> String {
    var sample = KubernetesSample(seed: 1)
    return sample.topology(policies: policies).replacingEach(
      "isolation: segment", "isolation: tenant", with: "isolation: none"
    )
    .replacingEach("egress: deny", with: "egress: allow")
  }

  /// A topology at hand: what it does not have is reported, and peers that have no address in it are left out.
  @Test func `a topology says which names there are`() throws {
    let text = Self.policy(
      "{ podSelector: { matchLabels: { romana.io/segment: dbx } }, ingress: [{ from: [{ namespaceSelector: { matchLabels: { namespace: n9 } } }] }] }"
    )
    var options = PolicyImportOptions()
    options.fabric = try importFabric()
    let message = try readImport(text, options).messages
    #expect(message.contains("there is no tenant 'n9'"))
    #expect(message.contains("there is no segment 'dbx' in tenant 'n0'"))
    let outside = Self.policy(
      "{ podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{ from: [{ ipBlock: { cidr: 198.51.100.0/24 } }] }], egress: [{}] }"
    )
    #expect(try importText(outside).contains("tenant: n0, cidr: 198.51.100.0/24"))
    #expect(try !importText(outside, options).contains("tenant: n0, cidr: 198.51.100.0/24"))
  }

  private func importFabric() throws -> ImportFabric {
    var sample = KubernetesSample(seed: 1)
    var sources = SourceMap()
    var diagnostics = Diagnostics()
    let file = sources.add(SourceFile(path: "topology", bytes: Array(sample.topology(policies: "").utf8)))
    let node = try #require(parseYAML(file, in: sources, &diagnostics))
    return ImportFabric(try #require(decodeTopology(node, isMain: true, &diagnostics)))
  }
}

extension String {
  fileprivate func replacingEach(_ words: String..., with text: String) -> String {
    words.reduce(self) { result, word in
      result.split(separator: word, omittingEmptySubsequences: false).joined(separator: text)
    }
  }
}
