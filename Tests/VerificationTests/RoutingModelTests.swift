import Testing
import TopologyModel
import Verification

/// The model itself: it sees what would go wrong.
@Suite struct RoutingModelTests {
  private func fabric() throws -> Fabric { try Fabric(example: "dual-stack") }

  private func model(_ change: (inout [DeviceRouting]) -> Void) throws -> RoutingModel {
    let fabric = try fabric()
    var devices = try fabric.readBack()
    change(&devices)
    let everything = [Prefix.everything(.ipv4)]
    return RoutingModel(devices, owners: fabric.owners, upstream: ["spine1": everything, "spine2": everything])
  }

  private func prefix(_ text: String) throws -> Prefix { try Prefix(parsing: text) }

  /// The packet that crosses a link 31 times: a host without a blackhole sends it back up its default route.
  @Test func missingDiscardLoops() throws {
    let target = try Address(parsing: "10.0.0.200")
    let whole = try model { _ in }
    #expect(whole.arrivals(from: "h1", to: target) == [.discarded(at: "h1")])
    let broken = try model { devices in
      for index in devices.indices where devices[index].name == "h1" {
        devices[index].statics.removeAll { $0.target == .discard }
      }
    }
    #expect(broken.arrivals(from: "h1", to: target) == [.loop(at: "h1")])
  }

  @Test func endsThatDisagreeAreFound() throws {
    #expect(try model { _ in }.findings == [])
    for name in ["h1", "tor1", "spine1"] {
      let renumbered = try model { devices in
        for index in devices.indices where devices[index].name == name { devices[index].speaker?.asn += 1 }
      }
      #expect(!renumbered.findings.isEmpty)
      let silent = try model { devices in
        for index in devices.indices where devices[index].name == name { devices[index].speaker?.sessions.removeLast() }
      }
      #expect(!silent.findings.isEmpty)
      let turned = try model { devices in
        for index in devices.indices where devices[index].name == name {
          devices[index].speaker?.sessions[0].role = "peer"
        }
      }
      #expect(!turned.findings.isEmpty)
    }
  }

  /// A host that announces another's prefix is not believed, and one that announces nothing is not reached.
  @Test func filtersDecideWhatSpreads() throws {
    let stolen = try prefix("10.0.32.0/19")
    let thief = try model { devices in
      for index in devices.indices where devices[index].name == "h1" { devices[index].speaker?.origins.append(stolen) }
    }
    #expect(thief.routes(of: "tor1")[stolen] == .via(["h2"]))
    let mute = try model { devices in
      for index in devices.indices where devices[index].name == "h2" { devices[index].speaker?.origins = [] }
    }
    #expect(mute.routes(of: "tor1")[stolen] == nil)
    #expect(mute.arrivals(from: "h3", to: stolen.lastAddress) == [.discarded(at: "tor1")])
  }
}
