import Testing
import TopologyModel
import Verification

/// A fabric without addresses on its links does what the same with addresses does, by the files of all devices.
@Suite struct UnnumberedTests {
  /// The example in both forms.
  private func forms() throws -> (unnumbered: Fabric, numbered: Fabric) {
    let text = try Fabric.text(ofExample: "unnumbered")
    let subnets = ["1", "2"].reduce(text.replacing("unnumbered", with: "numbered")) { text, rack in
      text.replacing(
        "        subnet: 172.16.\(rack).0/24",
        with: "        subnet6: fd00:16:\(rack)::/64\n        subnet: 172.16.\(rack).0/24")
    }
    return (try Fabric(text), try Fabric(subnets))
  }

  private func links(_ fabric: Fabric) -> [[String]] {
    fabric.topology.listLinks().map { $0.ends.map(\.name.text) }
  }

  @Test func theTablesAreThoseOfTheNumberedForm() throws {
    let (unnumbered, numbered) = try forms()
    let cables = (unnumbered.topology.listLinks(), numbered.topology.listLinks())
    #expect(cables.0.contains { $0.isUnnumbered } && !cables.1.contains { $0.isUnnumbered })
    #expect(links(unnumbered) == links(numbered))
    let everything = AddressFamily.allCases.map { Prefix.everything($0) }
    let upstream = ["spine1": everything, "spine2": everything]
    let (one, other) = (try unnumbered.readBack(), try numbered.readBack())
    let names = links(unnumbered)
    // Whole, and with each link cut.
    for cut in [nil] + names.indices.map({ $0 as Int? }) {
      let broken = RoutingModel(
        one, owners: unnumbered.owners, upstream: upstream, down: cut.map { unnumbered.labels(ofLink: $0) } ?? [])
      let whole = RoutingModel(
        other, owners: numbered.owners, upstream: upstream, down: cut.map { numbered.labels(ofLink: $0) } ?? [])
      #expect(broken.findings == [] && whole.findings == [])
      for device in unnumbered.devices {
        let name = device.name.text
        #expect(broken.routes(of: name) == whole.routes(of: name), "\(name), cut: \(cut.map { names[$0] } ?? [])")
      }
    }
  }

  /// Two ToRs in one AS are each other's reserve.
  @Test func hostsOfAPairAreReachedWithoutAnyLink() throws {
    let fabric = try Fabric(example: "unnumbered")
    let devices = try fabric.readBack()
    let racks = fabric.topology.racks
    let pair = try #require(racks.first { $0.tors.count == 2 })
    #expect(pair.tors[0].asn == pair.tors[1].asn)
    for (number, link) in fabric.topology.listLinks().enumerated()
    where link.ends.contains(where: { end in pair.tors.contains { $0.name == end.name } }) {
      let model = RoutingModel(devices, owners: fabric.owners, down: fabric.labels(ofLink: number))
      for host in pair.hosts {
        let prefix = try #require(fabric.topology.prefix(ofHost: host, inNetwork: 0))
        for start in ["spine1", "h1", "h6", fabric.topology.hosts[pair.hosts.lowerBound].name.text] {
          #expect(
            model.arrivals(from: start, to: prefix.lastAddress)
              == [.discarded(at: fabric.topology.hosts[host].name.text)], "\(start), \(link.ends.map(\.name))")
        }
      }
    }
  }

  /// A session whose ends are plugged in crosswise is found.
  @Test func crossedCablesAreFound() throws {
    let fabric = try Fabric(example: "unnumbered")
    var devices = try fabric.readBack()
    #expect(RoutingModel(devices, owners: fabric.owners).findings == [])
    let tor = try #require(devices.firstIndex { $0.name == "tor1" })
    let all = devices[tor].speaker?.sessions ?? []
    let sessions = all.indices.filter { all[$0].interface == "swp1" || all[$0].interface == "swp2" }
    #expect(sessions.count == 4)
    let swapped = sessions.map { all[$0] }
    for (index, session) in sessions.enumerated() {
      devices[tor].speaker?.sessions[session].neighbor = swapped[(index + 2) % 4].neighbor
      devices[tor].speaker?.sessions[session].local = swapped[(index + 2) % 4].local
    }
    #expect(!RoutingModel(devices, owners: fabric.owners).findings.isEmpty)
  }
}
