import TopologyModel

/// A line of sysctl.conf(5): the path as components, so that neither separator matters.
struct SysctlLine: Hashable, CustomStringConvertible {
  var path: [String]
  var value: String

  var description: String { path.joined(separator: "/") + " = " + value }
}

/// Reads `key = value` lines. If the first separator of a key is a slash, dots belong to names (sysctl.d(5)).
func parseSysctl(_ bytes: [UInt8], of device: DevicePlan) throws(ParseFailure) -> [(value: SysctlLine, line: Int)] {
  let file = try TextFile(bytes, comment: "#", of: device)
  var settings: [(value: SysctlLine, line: Int)] = []
  for line in file.lines where !line.text.hasPrefix("# ") {
    var words = WordReader(line.text, line: line.number)
    let key = try words.word("a key")
    try words.expect("=")
    let value = try words.word("a value")
    try words.end()
    guard let separator = key.first(where: { $0 == "." || $0 == "/" }) else {
      throw ParseFailure("'\(key)' is not the name of a setting", line: line.number)
    }
    let path = key.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    guard path.first == "net", path.allSatisfy({ !$0.isEmpty }), readNumber(value, in: 0...65535) != nil else {
      throw ParseFailure("'\(key)' or '\(value)' is not of a setting of the network", line: line.number)
    }
    settings.append((SysctlLine(path: path, value: value), line.number))
  }
  return settings
}

func checkSysctl(_ bytes: [UInt8], _ device: DevicePlan) throws(ParseFailure) -> [Finding] {
  let expected = device.sysctls.map { setting in
    SysctlLine(
      path: setting.path.map { component in
        switch component {
        case .word(let word): "\(word.text)"
        case .interface(let name): name.text
        }
      }, value: String(setting.value))
  }
  return compareLists(expected: expected, found: try parseSysctl(bytes, of: device), "setting")
}
