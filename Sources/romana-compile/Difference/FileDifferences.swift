import Difference
import Emitters
import TopologyModel

/// `+ hosts/h5/rules.v4`, a line a file, in the order of paths.
func fileList(_ difference: NetworkDifference) -> String {
  var lines: [(path: String, text: String)] = []
  for group in difference.groups {
    for device in group.devices {
      for file in group.files {
        let path = "\(device.role.folder)/\(device.name)/\(file.kind.fileName)"
        lines.append((path, "\(file.mark.sign) \(path)\n"))
      }
    }
  }
  return lines.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }.map(\.text).joined()
}

/// The unified diff of each file that differs. Files whose hunks are the same are told once, with their names.
func fileDifferences(
  _ difference: NetworkDifference, _ old: ComparedNetwork, _ new: ComparedNetwork, colored: Bool
) -> String {
  struct Hunks: Hashable {
    var lines: [String]
    var mark: ChangeMark
  }
  let (former, present) = (NamedDevices(old), NamedDevices(new))
  var paths: [Hunks: [String]] = [:]
  var order: [Hunks] = []
  for group in difference.groups {
    for device in group.devices {
      let (before, after) = (former.plan(device.name), present.plan(device.name))
      for file in group.files {
        let bytes = (
          file.mark == .added ? [] : former.bytes(file.kind, before),
          file.mark == .removed ? [] : present.bytes(file.kind, after)
        )
        let hunks = Hunks(lines: unifiedDifference(bytes.0, bytes.1), mark: file.mark)
        if paths[hunks] == nil { order.append(hunks) }
        paths[hunks, default: []].append("\(device.role.folder)/\(device.name)/\(file.kind.fileName)")
      }
    }
  }
  let paint = Paint(isOn: colored)
  var text = ""
  for hunks in order {
    let all = paths[hunks] ?? []
    text += "--- \(hunks.mark == .added ? "/dev/null" : "old/\(all[0])")\n"
    text += "+++ \(hunks.mark == .removed ? "/dev/null" : "new/\(all[0])")\n"
    for path in all.dropFirst() { text += "# the same: \(path)\n" }
    for line in hunks.lines {
      text +=
        line.hasPrefix("-") ? paint.mark(.removed, line) : line.hasPrefix("+") ? paint.mark(.added, line) : line
      text += "\n"
    }
  }
  return text
}

/// The devices of a side by name, which is unique in a fabric.
private struct NamedDevices {
  private let network: ComparedNetwork
  private let devices: [Name: DeviceReference]

  init(_ network: ComparedNetwork) {
    self.network = network
    devices = Dictionary(network.plan.devices.map { ($0.name, $0) }) { first, _ in first }
  }

  func plan(_ name: Name) -> DevicePlan? { devices[name].map { network.plan.plan($0) } }

  func bytes(_ kind: ArtifactKind, _ device: DevicePlan?) -> [UInt8] {
    device.map { network.shared.bytes(kind, of: $0) } ?? []
  }
}
