import TopologyModel

/// Puts devices of one rack and role with the same change together; devices of several racks, if the change is the same there too
/// and touches all of one kind alike. Removed ones first, then changed, then new ones, each by place.
func groupDevices(_ differences: [DeviceDifference]) -> [DeviceGroup] {
  struct Key: Hashable {
    var mark: ChangeMark
    var role: DeviceRole
    /// Nil where the place does not matter.
    var place: String?
    var shapes: [String]
    var files: [FileChange]
  }
  var index: [Key: Int] = [:]
  var groups: [DeviceGroup] = []
  for difference in differences {
    let device = difference.place
    let isPlaced = difference.mark != .changed
    let key = Key(
      mark: difference.mark, role: device.role, place: isPlaced ? device.path : nil,
      shapes: difference.changes.map(\.shape), files: difference.files)
    if let known = index[key] {
      groups[known].devices.append(device)
      // What a new or removed device has of its own is told of each.
      if isPlaced { groups[known].changes += difference.changes }
      continue
    }
    index[key] = groups.count
    groups.append(
      DeviceGroup(mark: difference.mark, devices: [device], changes: difference.changes, files: difference.files))
  }
  return groups.sorted { ($0.mark, $0.devices[0]) < ($1.mark, $1.devices[0]) }
}

/// `h1, h2, h3`; long runs of numbered names as `h1 to h48`, and at most so many parts.
package func nameList(_ names: [String], most: Int = 8) -> String {
  var parts: [(text: String, count: Int)] = []
  var start = 0
  while start < names.count {
    var end = start
    while end + 1 < names.count, follows(names[end], names[end + 1]) { end += 1 }
    if end - start >= 2 {
      parts.append(("\(names[start]) to \(names[end])", end - start + 1))
    } else {
      for index in start...end { parts.append((names[index], 1)) }
    }
    start = end + 1
  }
  guard parts.count > most else { return parts.map(\.text).joined(separator: ", ") }
  let rest = parts[most...].reduce(0) { $0 + $1.count }
  return parts[..<most].map(\.text).joined(separator: ", ") + " and \(rest) more"
}

/// Whether a name is the next number behind another.
private func follows(_ first: String, _ second: String) -> Bool {
  func split(_ name: String) -> (stem: Substring, number: Int)? {
    let digits = name.reversed().prefix { $0.isASCII && $0.isNumber }.count
    guard digits > 0, digits < 10, let number = Int(name.suffix(digits)) else { return nil }
    return (name.dropLast(digits), number)
  }
  guard let left = split(first), let right = split(second) else { return false }
  return left.stem == right.stem && right.number == left.number + 1
}

/// Names by their numbers: h2 before h10.
package func sortedByNumber(_ names: [String]) -> [String] {
  func key(_ name: String) -> (String, Int, String) {
    let digits = name.reversed().prefix { $0.isASCII && $0.isNumber }.count
    guard digits > 0, digits < 10, let number = Int(name.suffix(digits)) else { return (name, -1, name) }
    return (String(name.dropLast(digits)), number, name)
  }
  return names.map { ($0, key($0)) }.sorted { $0.1 < $1.1 }.map(\.0)
}
