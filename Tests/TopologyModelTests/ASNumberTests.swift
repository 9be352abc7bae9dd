import Testing

@testable import TopologyModel

@Suite struct ASNumberTests {
  /// The sample with AS numbers written out: of spines, ToRs and hosts.
  private func codes(
    spines: [Int?] = [], tors: [Int?] = [], hosts: [Int?] = [], edit: (inout Fabric) -> Void = { _ in }
  ) -> [DiagnosticCode] {
    var fabric = Fabric.sample
    func asn(_ number: Int?) -> String { number.map { "asn: \($0)" } ?? "" }
    for (index, number) in spines.enumerated() { fabric.regions[0].spines[index].extra = asn(number) }
    for (index, number) in tors.enumerated() { fabric.regions[0].racks[index].torExtra = asn(number) }
    for (index, number) in hosts.enumerated() {
      fabric.regions[0].racks[index / 2].hosts[index % 2].extra = asn(number)
    }
    edit(&fabric)
    return compile(fabric.text).codes
  }

  @Test func `every device gets a number of its own, the spines of a region one`() throws {
    let topology = try compileCleanly(Fabric.sample.text).topology
    let spines = topology.regions[0].spines.compactMap(\.asn)
    let others = topology.racks.compactMap(\.tors[0].asn) + topology.hosts.compactMap(\.asn)
    #expect(spines == [4_200_000_000, 4_200_000_000])
    #expect(others == [4_200_000_001, 4_200_000_004, 4_200_000_002, 4_200_000_003, 4_200_000_005, 4_200_000_006])
  }

  @Test func `hosts may share a number`() { #expect(codes(hosts: [64512, 64512, 64512, 64512]) == []) }

  @Test func `spines may have numbers of their own`() { #expect(codes(spines: [64512, 64513]) == []) }

  @Test func `two ToRs with one number reject the routes of each other`() {
    #expect(codes(tors: [64512, 64512]) == [.asnLoop])
  }

  @Test func `a ToR with a spine's number has no external session`() {
    #expect(codes(spines: [64512, nil], tors: [64512, nil]) == [.asnLoop])
  }

  @Test func `a host with its ToR's number has no external session`() {
    #expect(codes(tors: [64512, nil], hosts: [nil, 64512]) == [.asnLoop])
  }

  @Test func `a host may have the number of another rack's ToR, which never sees its path`() {
    #expect(codes(tors: [64512, nil], hosts: [nil, nil, 64512]) == [])
  }

  @Test func `a host with a spine's number loses the default route if it takes one`() {
    #expect(codes(spines: [64512, 64512], hosts: [64512]) == [])
    #expect(
      codes(spines: [64512, 64512], hosts: [64512]) { $0.extra = "defaults: { default_route: own }\n" } == [.asnLoop])
    #expect(
      codes(spines: [64512, 64512], hosts: [64512]) {
        $0.regions[0].racks[1].extra = "default_route: own"
      } == [])
  }

  @Test func `a host whose prefix is the rack's aggregate is seen by all ToRs`() {
    let only: (inout Fabric) -> Void = { fabric in
      fabric.networks[1].extra = ""
      fabric.regions[0].racks[0].hosts.removeLast()
    }
    #expect(codes(tors: [nil, 64512], hosts: [64512], edit: only) == [.asnLoop])
    #expect(codes(spines: [64512, nil], hosts: [64512], edit: only) == [.asnLoop])
  }

  @Test func `without BGP between them equal numbers do no harm`() {
    let fixed: (inout Fabric) -> Void = { $0.extra = "allow: [RC0506]\ndefaults: { protocol: static }\n" }
    #expect(codes(spines: [64512, 64512], tors: [64512, 64512], hosts: [64512, 64512], edit: fixed) == [])
  }

  @Test(arguments: ["64512-64518", "4294967288-4294967294", "23450-23457", "65530-65537"])
  func `a pool is used up to its end, reserved numbers left out`(pool: String) throws {
    var fabric = Fabric.sample
    fabric.extra = "asn_pool: \(pool)\n"
    let topology = try compileCleanly(fabric.text).topology
    let numbers = Set(topology.hosts.compactMap(\.asn) + topology.racks.compactMap(\.tors[0].asn))
    #expect(numbers.count == 6)
    #expect(numbers.isDisjoint(with: [23456, 65535]))
    fabric.regions[0].racks[0].hosts.append(.init(name: "h9"))
    #expect(compile(fabric.text).codes == [.asnPoolFull])
  }
}
