import Testing

@testable import TopologyModel

@Suite struct HostRangeTests {
  @Test(arguments: [
    ("h[3-5]", ["h3", "h4", "h5"]), ("h[08-11]", ["h08", "h09", "h10", "h11"]), ("[0-1]", ["0", "1"]),
    ("a[9-10].lab", ["a9.lab", "a10.lab"]), ("h[7-7]", ["h7"]), ("h[000-001]", ["h000", "h001"]),
  ])
  func `a range stands for its names, numbers keep their width`(text: String, names: [String]) throws {
    #expect(try expandRange(text).map(\.text) == names)
  }

  @Test(arguments: [
    ("h1", RangeSyntaxError.noBrackets), ("h[1-2", .noBrackets), ("h]1-2[", .noBrackets), ("h[1-2][3-4]", .noBrackets),
    ("h[]", .notNumbers), ("h[1]", .notNumbers), ("h[1-2-3]", .notNumbers), ("h[a-b]", .notNumbers),
    ("h[-1-2]", .notNumbers),
    ("h[1-99999999999999999999]", .notNumbers), ("h[٣-٤]", .notNumbers), ("h[2-1]", .backwards), ("h[1-010]", .widths),
    ("h[01-2]", .widths), ("h[0-65536]", .tooMany), ("h[1-9223372036854775807]", .tooMany), ("h x[1-2]", .notNames),
    ("-[1-2]", .notNames), ("h[1-2].", .notNames),
    (
      "h[\(String(repeating: "1", count: 18))-\(String(repeating: "1", count: 18))]\(String(repeating: "x", count: 60))",
      .notNames
    ),
  ])
  func `what is no range says why`(text: String, error: RangeSyntaxError) {
    #expect(throws: error) { try expandRange(text) }
  }

  @Test func `the largest range is 65,536 hosts`() throws {
    #expect(try expandRange("h[0-65535]").count == 65536)
  }

  @Test func `hosts of a range get consecutive ids and addresses`() throws {
    var fabric = Fabric.sample
    fabric.regions[0].racks[0].hosts = []
    fabric.regions[0].racks[0].extra = "hosts: [{ range: \"h[08-11]\" }]"
    let topology = try compileCleanly(fabric.text).topology
    let hosts = topology.hosts[topology.racks[0].hosts]
    #expect(hosts.map(\.name.text) == ["h08", "h09", "h10", "h11"])
    #expect(hosts.map(\.id) == [0, 1, 2, 3])
    #expect(
      hosts.compactMap { $0.address(.ipv4) }.map(\.description) == [
        "172.16.1.1", "172.16.1.3", "172.16.1.5", "172.16.1.7",
      ])
  }
}
