import Emitters
import Glibc
import SystemPackage
import TopologyModel

/// Writes the files of the devices to a descriptor, in the order of their paths, and then those of the fabric as a whole.
///
/// Each file follows a line `==> hosts/h1/bird.conf <==` as with tail(1), except when `file` names one file of one
/// device: then there is nothing but its bytes.
func printFiles(
  _ plan: NetworkPlan, shared: SharedFragments, scope: TreeScope, file: String? = nil,
  to output: Int32 = STDOUT_FILENO
) throws(PublishError) {
  var writer = TextWriter(reservingBytes: 1 << 17)
  var fileCount = 0
  var artifacts: [DeviceReference: [ArtifactKind]] = [:]
  let isRaw = file != nil && scope != .fabric
  for reference in devicesInPathOrder(plan, scope) {
    let device = plan.plan(reference)
    artifacts[reference] = kindsInPathOrder.filter(device.artifacts.contains)
    for kind in artifacts[reference] ?? [] {
      if let file, file != "\(kind.fileName)" { continue }
      if !isRaw { writeSeparator(reference, kind, isFirst: fileCount == 0, to: &writer) }
      emit(kind, of: device, shared: shared, into: &writer)
      fileCount += 1
    }
    if writer.bytes.count >= 1 << 16 { try flush(&writer, to: output) }
  }
  if scope == .fabric {
    let fleet = Fleet(plan, artifacts)
    for fabricFile in plan.fabricFiles.inPathOrder where file == nil || file == "\(fabricFile.path)" {
      writeSeparator(fabricFile, isFirst: fileCount == 0, to: &writer)
      emit(fabricFile, of: fleet, into: &writer)
      fileCount += 1
    }
  }
  if let file, fileCount == 0 { throw noSuchFile(file, plan, scope) }
  try flush(&writer, to: output)
}

private func writeSeparator(
  _ device: DeviceReference, _ kind: ArtifactKind, isFirst: Bool, to writer: inout TextWriter
) {
  if !isFirst { writer.newline() }
  writer.write("==> ")
  writer.write(device.role.folder)
  writer.write("/")
  writer.write(device.name)
  writer.write("/")
  writer.write(kind.fileName)
  writer.write(" <==\n")
}

private func writeSeparator(_ file: FabricFile, isFirst: Bool, to writer: inout TextWriter) {
  if !isFirst { writer.newline() }
  writer.write("==> ")
  writer.write(file.path)
  writer.write(" <==\n")
}

private func flush(_ writer: inout TextWriter, to output: Int32) throws(PublishError) {
  try writer.bytes.withUnsafeBufferPointer { (bytes) throws(PublishError) in
    do throws(Errno) { try writeAll(UnsafeRawBufferPointer(bytes), to: output) } catch {
      throw PublishError(message: "cannot write to standard output: \(error.description)")
    }
  }
  writer.removeAll()
}

private func noSuchFile(_ file: String, _ plan: NetworkPlan, _ scope: TreeScope) -> PublishError {
  var kinds: Set<ArtifactKind> = []
  for device in devicesInPathOrder(plan, scope) { kinds.formUnion(plan.plan(device).artifacts) }
  let names = kindsInPathOrder.filter(kinds.contains).map { "\($0.fileName)" }
  let owner = scope == .fabric ? "no device has" : "\(quoted(scope.text)) has no"
  return PublishError(
    message: "\(owner) \(scope == .fabric ? "a file" : "file") \(quoted(file))",
    help: names.isEmpty ? [] : ["there are \(names.joined(separator: ", "))"], exitStatus: 64)
}
