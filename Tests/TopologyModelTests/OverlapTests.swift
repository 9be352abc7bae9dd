import Testing

@testable import TopologyModel

@Suite struct OverlapTests {
  private func codes(_ edit: (inout Fabric) -> Void) -> [DiagnosticCode] {
    var fabric = Fabric.sample
    edit(&fabric)
    return compile(fabric.text).codes
  }

  @Test func `networks`() {
    #expect(codes { $0.networks[1].cidr = "10.64.0.0/12" } == [.overlappingNetworks])
    #expect(codes { $0.networks[1].cidr = "10.0.0.0/9" } == [.overlappingNetworks])
    #expect(codes { $0.networks[1].cidr = "10.144.0.0/12" } == [])
  }

  @Test func `a network and the underlay`() {
    #expect(
      codes { $0.networks[1].cidr = "172.16.0.0/12" } == [
        .overlappingUnderlay, .overlappingUnderlay, .overlappingUnderlay,
      ])
    #expect(codes { $0.regions[0].spines[0].loopback = "10.1.2.3" } == [.overlappingUnderlay])
    #expect(codes { $0.regions[0].racks[0].subnet = "subnet: 10.129.0.0/24" } == [.overlappingUnderlay])
  }

  @Test func `parts of the underlay`() {
    #expect(codes { $0.regions[0].racks[1].subnet = "subnet: 172.16.1.128/25" } == [.overlappingUnderlay])
    #expect(codes { $0.regions[0].linkPool = "link_pool: 172.16.2.0/25" } == [.overlappingUnderlay])
    #expect(codes { $0.regions[0].racks[1].loopback = "192.0.2.1" } == [.overlappingUnderlay])
    #expect(codes { $0.regions[0].racks[1].loopback = "172.31.0.1" } == [.overlappingUnderlay])
  }

  @Test func `links that are written out`() {
    func link(_ text: String, _ more: String = "") -> [DiagnosticCode] {
      codes { $0.regions[0].extra = "links: [{ between: [tor1, spine1], prefix: \(text) }\(more)]" }
    }
    #expect(link("172.31.0.8/31") == [])
    #expect(link("198.51.100.0/31") == [])
    #expect(link("172.16.1.0/31") == [.overlappingUnderlay])
    #expect(link("10.0.0.0/31") == [.overlappingUnderlay])
    #expect(link("192.0.2.200/31") == [.overlappingUnderlay])
    #expect(link("172.31.0.8/31", ", { between: [tor1, spine2], prefix: 172.31.0.8/31 }") == [.overlappingUnderlay])
  }

  @Test func `every pair of a hundred is found once`() {
    let result = compile(
      "romana: 1\nfabric: paris\nnetworks:\n"
        + (0..<100).map {
          "  - { name: n\($0), cidr: 10.0.0.0/\(8 + $0 % 8), bits: { tenant: 1, segment: 1, endpoint: 2 } }\n"
        }
        .joined())
    #expect(result.codes == Array(repeating: .overlappingNetworks, count: 99))
  }
}
