import TopologyModel

/// The fabric at the level of racks, as Mermaid draws it in Markdown (Mermaid documentation, "Flowcharts").
///
/// A region with many racks tells those that follow each other and look the same as one: Mermaid draws at most 500 links, and nobody
/// reads as many.
func drawMermaid(_ topology: Topology) -> String {
  var text = "flowchart TB\n"
  for (index, region) in topology.regions.enumerated() {
    text += "  subgraph region\(index)[\"\(region.name)\"]\n"
    if !region.spines.isEmpty { text += "    spines\(index)[\"\(names(region.spines.map(\.name)))\"]\n" }
    let groups = groupRacks(topology, region)
    for group in groups {
      text += "    rack\(group.lowerBound)[\"\(describe(topology, group))\"]\n"
      if !region.spines.isEmpty { text += "    spines\(index) --- rack\(group.lowerBound)\n" }
    }
    text += "  end\n"
    for (number, upstream) in region.upstreams.enumerated() {
      let device: String? =
        switch upstream.border {
        case .spine: "spines\(index)"
        case .tor(let rack, _): groups.first { $0.contains(rack) }.map { "rack\($0.lowerBound)" }
        }
      text += "  upstream\(index)_\(number)([\"\(upstream.name)\"])\n"
      if let device { text += "  upstream\(index)_\(number) --- \(device)\n" }
    }
  }
  return text
}

/// The racks of a region, each alone or, where they are many, those alike together.
private func groupRacks(_ topology: Topology, _ region: Region) -> [Range<Int>] {
  var groups: [Range<Int>] = []
  for rack in region.racks {
    if region.racks.count > 24, let last = groups.last, isAlike(topology.racks[last.lowerBound], topology.racks[rack]) {
      groups[groups.count - 1] = last.lowerBound..<rack + 1
    } else {
      groups.append(rack..<rack + 1)
    }
  }
  return groups
}

private func isAlike(_ one: Rack, _ other: Rack) -> Bool {
  one.hosts.count == other.hosts.count && one.tors.count == other.tors.count && one.access == other.access
    && one.vlans.count == other.vlans.count
}

private func describe(_ topology: Topology, _ group: Range<Int>) -> String {
  let (first, last) = (topology.racks[group.lowerBound], topology.racks[group.upperBound - 1])
  let hosts = counted(first.hosts.count, "host")
  if group.count > 1 { return "\(first.name) … \(last.name)<br/>\(group.count) racks of \(hosts)" }
  let segment = first.access == .l2 ? "<br/>one segment" : ""
  let tors = first.tors.isEmpty ? "" : "<br/>\(names(first.tors.map(\.name)))"
  return "\(first.name)\(tors)<br/>\(hosts)\(segment)"
}

private func names(_ names: [Name]) -> String {
  names.count <= 6
    ? names.map(\.text).joined(separator: ", ") : "\(names[0]) … \(names[names.count - 1]): \(names.count)"
}
