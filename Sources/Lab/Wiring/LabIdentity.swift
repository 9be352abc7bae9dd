#if canImport(Glibc)
  import Glibc
#endif

/// The name of one lab: six hexadecimal digits, drawn when it is set up.
///
/// It is part of the name of all that the lab makes, so that two labs do not meet and an abandoned one is found.
package struct LabIdentity: Sendable, Hashable, CustomStringConvertible {
  package let text: String

  /// A new name, unless the lab folder has it already.
  init() {
    var candidate = ""
    repeat {
      let digits = String(UInt32.random(in: 0..<(1 << 24)), radix: 16)
      candidate = String(repeating: "0", count: 6 - digits.count) + digits
    } while access(labsFolder + "/" + candidate, F_OK) == 0
    text = candidate
  }

  /// Reads a name strictly: nothing else in the folder of labs is ever taken for a lab.
  package init?(_ text: String) {
    guard text.utf8.count == 6, text.utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) }) else { return nil }
    self.text = text
  }

  package var description: String { text }

  /// What the names of all its namespaces begin with.
  var prefix: String { "rlab-\(text)" }
  var folder: String { "\(labsFolder)/\(text)" }
  /// The namespace of a device. A device's name has no `+`, so it never meets the names below.
  func namespace(device: String) -> String { "\(prefix)-\(device)" }
  func namespace(endpoint index: Int) -> String { "\(prefix)+ep\(index)" }
  /// The cables: for every link a bridge, whose ports can be pulled or made deaf.
  var cables: String { "\(prefix)+cables" }
  /// All that is not the fabric.
  var outside: String { "\(prefix)+outside" }
  /// FRR's name for a group of daemons, part of the paths of its files; it allows no dots.
  func pathspace(_ node: Int) -> String { "\(prefix)-\(node)" }
}

/// The folder of all labs of the machine.
let labsFolder = "/run/romana-lab"

/// The namespace of a device, an endpoint (`ep0`, `ep1` …) or the `outside` of a lab, if it is there.
package func namespace(of name: String, in identity: LabIdentity) -> String? {
  ["\(identity.prefix)-\(name)", "\(identity.prefix)+\(name)"].first { access(namespaceFolder + $0, F_OK) == 0 }
}
