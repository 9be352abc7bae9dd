import Foundation
import FoundationXML
import Testing

@testable import TopologyModel
@testable import romana_compile

/// Pictures of fabrics, SVG and Mermaid.
struct GraphTests {
  /// Rectangles of an SVG by their class, with their tips; and whether the text is well-formed.
  private final class Reader: NSObject, XMLParserDelegate {
    struct Shape {
      var style: String
      var x, y, width, height: Int
      var tip = ""

      func overlaps(_ other: Shape) -> Bool {
        x < other.x + other.width && other.x < x + width && y < other.y + other.height && other.y < y + height
      }
      func contains(_ other: Shape) -> Bool {
        x <= other.x && y <= other.y && other.x + other.width <= x + width && other.y + other.height <= y + height
      }
    }
    var shapes: [Shape] = []
    private var isTip = false

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) {
      isTip = name == "title"
      guard name == "rect" else { return }
      func number(_ key: String) -> Int { attributes[key].flatMap { Int($0) } ?? 0 }
      shapes.append(
        Shape(
          style: attributes["class"] ?? "", x: number("x"), y: number("y"), width: number("width"),
          height: number("height")))
    }
    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
      isTip = false
    }
    func parser(_ parser: XMLParser, foundCharacters text: String) {
      if isTip { shapes[shapes.count - 1].tip += text }
    }
  }

  private func read(_ svg: String) throws -> [Reader.Shape] {
    let (reader, parser) = (Reader(), XMLParser(data: Data(svg.utf8)))
    parser.delegate = reader
    try #require(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "")")
    return reader.shapes
  }

  private func expectLegible(_ topology: Topology, _ svg: String) throws {
    let shapes = try read(svg)
    let page = try #require(shapes.first { $0.style == "page" })
    let cells = shapes.filter { !$0.tip.isEmpty && !$0.style.hasPrefix("rack") }
    let names = cells.map { $0.tip.split(separator: "\n")[0].split(separator: " ").last.map(String.init) ?? "" }
    let devices =
      topology.regions.flatMap { $0.spines.map(\.name.text) + $0.upstreams.map(\.name.text) }
      + topology.racks.flatMap { $0.tors.map(\.name.text) } + topology.hosts.map(\.name.text)
    #expect(names.sorted() == devices.sorted())
    let racks = shapes.filter { $0.style.hasPrefix("rack") }
    #expect(racks.count == topology.racks.count && shapes.allSatisfy { page.contains($0) })
    let rows = Dictionary(grouping: cells.filter { $0.style != "upstream" }) { $0.y }
    for row in rows.values {
      let sorted = row.sorted { $0.x < $1.x }
      for (left, right) in zip(sorted, sorted.dropFirst()) {
        #expect(!left.overlaps(right), "\(left.tip) \(right.tip)")
      }
    }
    for (one, other) in zip(racks, racks.dropFirst()) { #expect(!one.overlaps(other)) }
    for cell in cells where cell.style.hasPrefix("host") || cell.style == "tor" {
      #expect(racks.count { $0.contains(cell) } == 1, "\(cell.tip)")
    }
  }

  @Test(arguments: Example.names) func `every device has a place of its own`(_ name: String) throws {
    let topology = try Example.named(name).plan.topology
    try expectLegible(topology, drawSVG(topology))
  }

  /// Four examples that differ in what is drawn: read the pictures, not only the difference.
  @Test(arguments: ["starter", "dual-homed", "upstreams", "split-layer2"])
  func `pictures are those in the repository`(_ name: String) throws {
    let topology = try Example.named(name).plan.topology
    try GoldenText.expect(drawSVG(topology), isIn: "\(GoldenText.root)/golden/graph/\(name).svg")
    try GoldenText.expect(drawMermaid(topology), isIn: "\(GoldenText.root)/golden/graph/\(name).mmd")
  }

  private func topology(racks: Int, hosts: Int) throws -> Topology {
    let text = """
      romana: 1
      fabric: large
      networks:
        - { name: pods, cidr: 10.0.0.0/8, bits: { region: 0, rack: 6, host: 6, tenant: 4, segment: 4, endpoint: 4 } }
      tenants: [{ name: acme, segments: [web] }]
      regions:
        - name: dc1
          link_pool: 172.31.0.0/16
          spines: [{ name: spine1, loopback: 192.0.2.1 }, { name: spine2, loopback: 192.0.2.2 }]
          racks:

      """
    let list = (0..<racks).map { rack in
      """
            - name: rack\(rack)
              subnet: 172.16.\(rack).0/24
              tors: [{ name: tor\(rack), loopback: 192.0.3.\(rack) }]
              hosts: [{ range: "r\(rack)h[00-\(hosts - 1)]" }]
      """
    }
    var sources = SourceMap()
    var diagnostics = Diagnostics()
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("graph-\(UUID()).yaml")
    try (text + list.joined(separator: "\n") + "\n").write(to: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: path) }
    let document = try #require(loadTopology(path.path, into: &sources, &diagnostics))
    let resolved = resolveTopology(document, lock: nil, &diagnostics)
    var printer = DiagnosticPrinter(sources: sources)
    return try #require(resolved, "\(printer.text(diagnostics))").topology
  }

  @Test func `four thousand hosts fit on a screen's width and in a megabyte`() throws {
    let topology = try topology(racks: 63, hosts: 64)
    let svg = drawSVG(topology)
    try expectLegible(topology, svg)
    let page = try #require(try read(svg).first)
    #expect(page.width < 1800 && page.height < 1800 && svg.utf8.count < 1_000_000)
    let mermaid = drawMermaid(topology)
    #expect(mermaid.contains("63 racks of 64 hosts") && mermaid.split(separator: "\n").count < 10)
  }
}
