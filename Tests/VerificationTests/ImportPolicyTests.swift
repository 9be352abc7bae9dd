import Emitters
import Testing
import TopologyModel
import Verification

#if canImport(Glibc)
  import Glibc
#endif

/// Imported policies against what they mean where they come from.
@Suite struct ImportPolicyTests {
  /// ROMANA_TOPOLOGIES=500 is the long run.
  private static let count = getenv("ROMANA_TOPOLOGIES").flatMap { Int(String(cString: $0)) } ?? 16

  @Test(arguments: 1...count)
  func `rules from random NetworkPolicies do what Kubernetes says`(seed: Int) throws {
    var sample = KubernetesSample(seed: seed)
    let model = sample.makePolicies()
    let imported = try importText(model.text(&sample.numbers))
    let fabric = try Fabric(sample.topology(policies: imported))
    try expectAgreement(fabric, model, seed: seed)
  }

  /// Every packet that some policy decides about fares as in Kubernetes, and every other as without policies.
  private func expectAgreement(_ fabric: Fabric, _ model: KubernetesModel, seed: Int) throws {
    let journey = try Journey(fabric)
    let topology = fabric.topology
    func pod(_ address: Address) -> KubernetesModel.Pod? {
      guard case .endpoint(_, _, let tenant, let segment) = journey.meaning.place(of: address) else { return nil }
      let owner = topology.tenants[tenant]
      guard let name = owner.segments.first(where: { $0.id == segment })?.name else { return nil }
      return KubernetesModel.Pod(namespace: owner.name.text, segment: name.text)
    }
    var (wrong, decided) = (0, 0)
    for family in AddressFamily.allCases {
      var packets = PolicyPackets(journey, family, seed: seed)
      for _ in 0..<400 {
        let (source, destination, payload) = packets.next()
        let (from, to) = (journey.meaning.place(of: source), journey.meaning.place(of: destination))
        let (sender, receiver) = (pod(source), pod(destination))
        guard sender != nil || from == .outside, receiver != nil || to == .outside, sender != nil || receiver != nil,
          // The fabric's own blocks are opened by name only.
          !topology.underlay.contains(where: { $0.contains(destination) })
        else { continue }
        if case .icmp(let type) = payload, receiver != nil,
          (family == .ipv4 ? [3, 11, 12] : [1, 2, 3, 4]).contains(type)
        {
          continue
        }
        var expected = model.passes(source, sender, destination, receiver, payload)
        if expected != nil { decided += 1 }
        if expected == nil {
          switch journey.meaning.judge(source, destination) {
          case .allowed: expected = true
          case .denied: expected = false
          case .indifferent: continue
          }
        }
        guard journey.passes(source, destination, payload) != expected else { continue }
        wrong += 1
        if wrong <= 3 { Issue.record("\(source) to \(destination), \(payload): expected \(expected ?? false)") }
      }
    }
    #expect(wrong == 0)
    #expect(decided >= 20, "the policies are about some of the packets")
  }

  /// What Kubernetes says about a pod's own node is not imported: ICMP and no more, as without policies.
  @Test func `endpoints want of their own host what they did before`() throws {
    var sample = KubernetesSample(seed: 3)
    let policy = KubernetesModel.Policy(namespace: "n0", segments: nil, isIngress: true, isEgress: true)
    let imported = try importText(KubernetesModel(policies: [policy]).text(&sample.numbers))
    let journey = try Journey(try Fabric(sample.topology(policies: imported)))
    let addresses = Addresses(topology: journey.fabric.topology)
    let source = try #require(addresses.address(0, 0, tenant: 1, segment: 1))
    let gateway = try #require(addresses.address(0, 0, tenant: 0, segment: 0, endpoint: 1))
    func verdict(_ payload: Packet.Payload) -> PacketVerdict? {
      let packet = Packet(from: source, to: gateway, in: journey.interface(of: source, onHost: 0), payload)
      return evaluate(packet, at: .input, in: journey.rules(0, .ipv4)).verdict
    }
    #expect(verdict(.icmp(type: 8)) == .accept)
    #expect(verdict(.tcp(source: 40000, destination: 22)) == .drop)
  }
}

/// Imports a text and gives the file that it becomes.
func importText(_ text: String, _ options: PolicyImportOptions = PolicyImportOptions()) throws -> String {
  let result = try readImport(text, options)
  return try #require(result.file, "\(result.messages)\n\(text)")
}

/// The file, if there are no errors, and the messages.
func readImport(_ text: String, _ options: PolicyImportOptions) throws -> (file: String?, messages: String) {
  var template = Array("/tmp/romana-import.XXXXXX".utf8CString)
  let descriptor = mkstemp(&template)
  let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  defer { unlink(path) }
  let bytes = Array(text.utf8)
  try #require(descriptor >= 0 && write(descriptor, bytes, bytes.count) == bytes.count)
  close(descriptor)
  var sources = SourceMap()
  var diagnostics = Diagnostics()
  let policies = importPolicies([path], options, into: &sources, &diagnostics)
  var printer = DiagnosticPrinter(sources: sources, colored: false)
  let messages = printer.text(diagnostics)
  guard !diagnostics.hasErrors else { return (nil, messages) }
  var writer = TextWriter()
  emitImportedPolicies(policies, into: &writer)
  return (String(decoding: writer.bytes, as: UTF8.self), messages)
}

/// Random NetworkPolicies for four namespaces, and the topology that they are for.
struct KubernetesSample {
  var numbers: Numbers
  private let namespaces = ["n0", "n1", "n2", "n3"]
  private let segments = ["web", "db", "cache"]

  init(seed: Int) { numbers = Numbers(state: UInt64(seed) &* 0x51_7cc1_b727 &+ 5) }

  mutating func makePolicies() -> KubernetesModel {
    KubernetesModel(policies: (0..<numbers.next(1...7)).map { _ in makePolicy() })
  }

  private mutating func makePolicy() -> KubernetesModel.Policy {
    let kind = numbers.next(0...3)
    var policy = KubernetesModel.Policy(
      namespace: pick(namespaces), segments: numbers.next(0...2) == 0 ? nil : some(segments), isIngress: kind != 1,
      isEgress: kind > 0)
    if policy.isIngress { policy.ingress = (0..<numbers.next(0...2)).map { _ in makeRule() } }
    if policy.isEgress { policy.egress = (0..<numbers.next(0...2)).map { _ in makeRule() } }
    return policy
  }

  private mutating func makeRule() -> KubernetesModel.Rule {
    KubernetesModel.Rule(
      peers: (0..<numbers.next(0...3)).map { _ in makePeer() }, ports: (0..<numbers.next(0...2)).map { _ in makePort() }
    )
  }

  private mutating func makePeer() -> KubernetesModel.Peer {
    switch numbers.next(0...6) {
    case 0: .pods(namespaces: nil, segments: nil)
    case 1: .pods(namespaces: nil, segments: some(segments))
    case 2: .pods(namespaces: some(namespaces), segments: nil)
    case 3: .pods(namespaces: some(namespaces), segments: some(segments))
    case 4: .pods(namespaces: [], segments: numbers.next(0...1) == 0 ? nil : some(segments))
    default:
      pick([
        KubernetesModel.Peer.block("0.0.0.0/0", except: []), .block("0.0.0.0/0", except: ["10.0.0.0/12"]),
        .block("198.51.100.0/24", except: ["198.51.100.0/28", "198.51.100.128/25"]),
        .block("10.0.0.0/13", except: ["10.2.0.0/15"]), .block("fd00:1::/49", except: []), .block("::/0", except: []),
        .block("2001:db8::/32", except: ["2001:db8:99::/48"]),
      ])
    }
  }

  private mutating func makePort() -> KubernetesModel.Port {
    let ranges: [ClosedRange<Int>?] = [nil, 80...80, 443...443, 53...53, 1000...2000, 81...1500]
    return KubernetesModel.Port(proto: pick(["TCP", "TCP", "UDP", "SCTP"]), range: pick(ranges))
  }

  private mutating func pick<Item>(_ items: [Item]) -> Item { items[numbers.next(0...(items.count - 1))] }

  /// One of them or two.
  private mutating func some(_ items: [String]) -> [String] {
    let first = numbers.next(0...(items.count - 1))
    return numbers.next(0...1) == 0 ? [items[first]] : [items[first], items[(first + 1) % items.count]]
  }

  /// Tenants of every isolation, and a third host in a rack of its own.
  mutating func topology(policies: String) -> String {
    let owners = namespaces.map { name in
      "  - { name: \(name), isolation: \(pick(["segment", "tenant", "none"])), egress: \(pick(["allow", "deny"])), segments: [web, db, cache] }"
    }
    return """
      romana: 1
      fabric: imported
      networks:
        - { name: n0, cidr: 10.0.0.0/12, bits: { region: 1, rack: 1, host: 2, tenant: 4, segment: 3, endpoint: 9 } }
        - { name: n6, cidr: "fd00:1::/48", bits: { region: 1, rack: 1, host: 2, tenant: 8, segment: 4, endpoint: 64 } }
      tenants:
      \(owners.joined(separator: "\n"))
      \(policies)
      regions:
        - name: dc1
          link_pool: 172.31.0.0/24
          link_pool6: "fd00:31::/64"
          spines: [{ name: spine1, loopback: 192.0.2.201 }]
          racks:
            - { name: rack1, subnet: 172.16.1.0/24, subnet6: "fd00:16:1::/64", tors: [{ name: tor1, loopback: 192.0.2.1 }], hosts: [{ name: h1 }, { name: h2 }] }
            - { name: rack2, subnet: 172.16.2.0/24, subnet6: "fd00:16:2::/64", tors: [{ name: tor2, loopback: 192.0.2.2 }], hosts: [{ name: h3 }] }
      """
  }
}
