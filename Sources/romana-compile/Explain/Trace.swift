import TopologyModel
import Verification

/// The way of a packet through the fabric, by the emitted files.
struct Trace {
  struct Step {
    var device: String
    var text: String
    var by: Decision?
  }
  var steps: [Step] = []
  /// What becomes of it in the end.
  var end = ""
  var arrives = false
  /// Hosts that have led it for a service.
  var led: Set<String> = []

  var text: String {
    var text = ""
    for (number, step) in steps.enumerated() {
      text += "\(number + 1) \(step.device): \(step.text)\n"
      if let by = step.by { text += "    \(by.description)\n" }
    }
    return text + end + "\n"
  }
}

/// One end of a packet's way.
struct TraceEnd {
  var address: Address
  /// Index of the host that has it as an endpoint's; nil elsewhere.
  var host: Int?

  /// An address, or the name of a listed endpoint.
  init?(_ text: String, family: AddressFamily?, _ topology: Topology) {
    if let address = try? Address(parsing: text) {
      self.address = address
    } else {
      let endpoints = topology.hosts.flatMap(\.endpoints).filter { endpoint in
        endpoint.name.text == text || "\(endpoint.tenant)/\(endpoint.segment)/\(endpoint.name)" == text
      }
      guard let address = endpoints.flatMap(\.addresses).first(where: { family == nil || $0.family == family }) else {
        return nil
      }
      self.address = address
    }
    let address = self.address
    host = topology.hosts.indices.first { host in
      topology.networks.indices.contains { network in
        topology.prefixes(ofHost: host, inNetwork: network).contains { $0.contains(address) }
      }
    }
  }
}
