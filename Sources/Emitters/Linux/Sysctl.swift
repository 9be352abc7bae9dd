import TopologyModel

/// Spells `sysctl.conf` (sysctl.conf(5), sysctl.d(5)), with the reason above each setting.
func emitSysctl(_ device: DevicePlan, into writer: inout TextWriter) {
  emitHeader(device, what: "kernel settings", into: &writer)
  writer.write("# Install as /etc/sysctl.d/90-romana.conf.\n")
  var reason: StaticWord?
  for setting in device.sysctls {
    if setting.reason != reason {
      writer.write("# ")
      writer.write(word: setting.reason)
      writer.newline()
      reason = setting.reason
    }
    write(setting.path, into: &writer)
    writer.write(" = ")
    writer.write(setting.value)
    writer.newline()
  }
  emitInsertions(device.insertions(.sysctl, .after), into: &writer)
  emitEndMarker(what: "kernel settings", into: &writer)
}

/// Dots between the components; slashes if an interface such as `eth0.100` has dots of its own: a key whose first
/// separator is a slash keeps them (sysctl.d(5)).
private func write(_ path: [Sysctl.Component], into writer: inout TextWriter) {
  let hasDots = path.contains {
    if case .interface(let name) = $0 { name.text.utf8.contains(UInt8(ascii: ".")) } else { false }
  }
  for (index, component) in path.enumerated() {
    if index > 0 { writer.write(hasDots ? "/" : ".") }
    switch component {
    case .word(let word): writer.write(word: word)
    case .interface(let name): writer.write(name)
    }
  }
}
