import TopologyModel

/// The first line of a file, after the interpreter line of a script: what made it, for which device, and what it is.
///
/// `what` is a short phrase such as "BGP speaker (BIRD 2)"; the end marker repeats it.
package func emitHeader(
  _ device: DevicePlan, what: StaticString, comment: StaticString = "#", into writer: inout TextWriter
) {
  writer.write(comment)
  writer.write(" romana-compile: fabric ")
  writer.write(device.fabric)
  writer.write(", ")
  writer.write(device.role.name)
  writer.write(" ")
  writer.write(device.name)
  writer.write(": ")
  writer.write(what)
  writer.newline()
}

/// The last line of a file, so that a truncated one is recognised.
package func emitEndMarker(what: StaticString, comment: StaticString = "#", into writer: inout TextWriter) {
  writer.write(comment)
  writer.write(" romana-compile: end of ")
  writer.write(what)
  writer.newline()
}
