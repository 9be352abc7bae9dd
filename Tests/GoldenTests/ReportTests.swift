import Foundation
import FoundationXML
import Testing

@testable import TopologyModel
@testable import romana_compile

/// The page about a fabric, the table of its addresses, and what can run out.
struct ReportTests {
  private final class Reader: NSObject, XMLParserDelegate {
    var places: Set<String> = []
    var links: Set<String> = []
    var elements: Set<String> = []

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) {
      elements.insert(name)
      if let place = attributes["id"] { places.insert(place) }
      if let link = attributes["href"] { links.insert(link) }
    }
  }

  @Test(arguments: Example.names) func `the page has every device, every link leads to one, and nothing runs`(
    _ name: String
  ) throws {
    let plan = try Example.named(name).plan
    let page = renderReport(plan)
    let (reader, parser) = (Reader(), XMLParser(data: Data(page.utf8)))
    parser.delegate = reader
    try #require(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "")")
    #expect(reader.places == Set(plan.devices.map { "d-\($0.name)" }))
    // A VPC is no box of the picture.
    #expect(reader.links == Set(plan.devices.filter { $0.role != .vpc }.map { "#d-\($0.name)" }))
    #expect(reader.elements.isDisjoint(with: ["script", "iframe", "object", "img", "link"]))
    for endpoint in plan.topology.hosts.flatMap(\.endpoints) {
      for address in endpoint.addresses { #expect(page.contains("<td>\(address)</td>")) }
    }
    #expect(page.contains("default-src 'none'") && !page.contains("http-equiv=\"refresh\""))
  }

  @Test(arguments: Example.names) func `the table has nine columns and every endpoint`(_ name: String) throws {
    let plan = try Example.named(name).plan
    let rows = renderAddressTable(plan).components(separatedBy: "\r\n").dropLast()
    #expect(rows.allSatisfy { $0.filter { $0 == "," }.count >= 8 && !$0.contains("\n") })
    let addresses = Set(rows.map { $0.components(separatedBy: ",")[4] })
    #expect(plan.topology.hosts.flatMap(\.endpoints).flatMap(\.addresses).allSatisfy { addresses.contains("\($0)") })
    #expect(
      Set(rows.dropFirst().map { $0.components(separatedBy: ",")[0] })
        == Set(plan.devices.filter { $0.role != .vpc }.map(\.name.text)))
  }

  private func capacities(_ example: String, _ resource: Capacity.Resource) throws -> [String] {
    try Example.named(example).plan.capacities().filter { $0.resource == resource }.map {
      "\($0.place.map { "\($0) " } ?? "")\($0.prefix.map { "\($0) " } ?? "")\($0.used)/\($0.available)"
    }
  }

  /// The numbers of the published examples, counted by hand.
  @Test func `what is left is what the address plan leaves`() throws {
    // 10.0.0.0/8 with 2 bits for racks and 6 for hosts: four racks of 64, 255 tenants of 15 segments.
    #expect(try capacities("routed-access", .racks) == ["dc1 10.0.0.0/8 4/4"])
    #expect(
      try capacities("routed-access", .hosts) == [
        "rack1 10.0.0.0/10 64/64", "rack2 10.64.0.0/10 64/64", "rack3 10.128.0.0/10 64/64", "rack4 10.192.0.0/10 64/64",
      ])
    #expect(try capacities("routed-access", .tenants).first?.hasSuffix("/255") == true)
    #expect(try capacities("routed-access", .segments).allSatisfy { $0.hasSuffix("/15") })
  }

  /// The fullest table, and one route of others (`other_routes: 1`).
  @Test func `a VPC's tables are as full as its files are long`() throws {
    let example = try Example.named("ec2-zone-aggregates")
    let script = example.golden.appending("ec2").appending("eu-west-1").appending("routes.sh")
    let routes = String(decoding: try Repository.read(script), as: UTF8.self).split(separator: "\n")
      .filter { $0.hasPrefix("route rtb-") }
    let rows = try capacities("ec2-zone-aggregates", .vpcRoutes)
    for (family, row) in zip(AddressFamily.allCases, rows) {
      let count = routes.count { $0.split(separator: " ")[2].contains(":") == (family == .ipv6) }
      #expect(row == "eu-west-1 \(Prefix.everything(family)) \(count + 1)/20")
    }
    #expect(rows.count == 2)
  }

  /// As much as the check of the same limit lets through: no place is fuller than it can be.
  @Test(arguments: Example.names) func `nothing is fuller than full`(_ name: String) throws {
    let capacities = try Example.named(name).plan.capacities()
    for capacity in capacities { #expect(capacity.used <= capacity.available, "\(capacity)") }
    #expect(capacities.contains { $0.resource == .racks } && capacities.contains { $0.resource == .regions })
  }
}
