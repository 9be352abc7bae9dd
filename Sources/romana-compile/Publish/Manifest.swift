import Emitters
import TopologyModel

/// Writes `manifest.json` block by block, since that of a large fabric has more than 100 MB.
///
/// One line a file, so that two manifests can be compared line by line.
func streamManifest(
  _ tree: RenderedTree, _ scope: TreeScope, _ identity: TreeIdentity,
  to take: (UnsafeRawBufferPointer) throws(PublishError) -> Void
) throws(PublishError) {
  var block = ManifestBlock()
  block.text += Array("{\n\(manifestSignature)1\",\n".utf8)
  block.append("  \"compiler\": ", json: identity.compilerVersion, ",\n")
  block.append("  \"fabric\": ", json: identity.fabric.text, ",\n")
  block.append("  \"scope\": ", json: scope.text, ",\n")
  block.append("  \"topology\": ", json: "sha256:\(identity.topologyDigest)", ",\n")
  block.append("  \"files\": [")
  var isFirst = true
  var others = tree.fabric[...]
  func comma() {
    block.append(isFirst ? "\n" : ",\n")
    isFirst = false
  }
  for part in tree.parts {
    for record in part {
      let device = tree.devices[Int(record.device)]
      while let other = others.first, !device.precedes(other.path) {
        comma()
        block.append(others.removeFirst())
      }
      comma()
      block.append(record, of: device, tree.insertions)
    }
    try block.flush(if: 1 << 16, take)
  }
  for other in others {
    comma()
    block.append(other)
  }
  block.append("\n  ]\n}\n")
  try block.flush(if: 0, take)
}

/// Writes the list of digests block by block, in the order of the paths; `manifest.json` is one of them.
/// - Parameter manifestDigest: Asked for when its line is due.
func streamChecksums(
  _ tree: RenderedTree, manifestDigest: () -> SHA256Digest,
  to take: (UnsafeRawBufferPointer) throws(PublishError) -> Void
) throws(PublishError) {
  var block = ManifestBlock()
  // What lies beside the folders of the roles; the digest of the manifest is asked for as late as can be.
  var others = (tree.fabric.map(\.path) + [manifestName]).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }[...]
  let digests = Dictionary(uniqueKeysWithValues: tree.fabric.map { ($0.path, $0.digest) })
  for part in tree.parts {
    for record in part {
      let device = tree.devices[Int(record.device)]
      while let other = others.first, !device.precedes(other) {
        block.append(digests[other] ?? manifestDigest(), other)
        others.removeFirst()
      }
      record.digest.appendHex(to: &block.text)
      block.append("  ")
      block.appendPath(record, of: device)
      block.append("\n")
    }
    try block.flush(if: 1 << 16, take)
  }
  for other in others { block.append(digests[other] ?? manifestDigest(), other) }
  try block.flush(if: 0, take)
}

/// Text of a manifest that waits to be written.
private struct ManifestBlock {
  var text: [UInt8] = []

  mutating func append(_ literal: StaticString) { literal.withUTF8Buffer { text.append(contentsOf: $0) } }

  mutating func append(_ key: StaticString, json value: String, _ end: StaticString) {
    append(key)
    text.append(UInt8(ascii: "\""))
    appendJSON(value)
    text.append(UInt8(ascii: "\""))
    append(end)
  }

  mutating func append(_ digest: SHA256Digest, _ path: String) {
    digest.appendHex(to: &text)
    append("  ")
    text.append(contentsOf: path.utf8)
    append("\n")
  }

  mutating func append(_ record: FileRecord, of device: DeviceReference, _ insertions: [PlacedInsertion]) {
    append("    {\"path\": \"")
    appendPath(record, of: device)
    append("\", \"device\": \"")
    appendJSON(device.name.text)
    append("\", \"role\": \"")
    append(device.role.name)
    append("\", \"format\": \"")
    append(record.kind.format)
    append("\", \"size\": ")
    appendDecimal(UInt64(record.size), to: &text)
    append(", \"digest\": \"sha256:")
    record.digest.appendHex(to: &text)
    append("\"")
    if !insertions.isEmpty { appendInsertions(insertions, of: device, record.kind) }
    append("}")
  }

  mutating func append(_ record: FabricRecord) {
    append("    {\"path\": \"")
    append(record.file.path)
    append("\", \"role\": \"fabric\", \"format\": \"")
    append(record.file.format)
    append("\", \"size\": ")
    appendDecimal(UInt64(record.size), to: &text)
    append(", \"digest\": \"sha256:")
    record.digest.appendHex(to: &text)
    append("\"}")
  }

  /// The local additions in a file; their names need no escapes.
  private mutating func appendInsertions(
    _ insertions: [PlacedInsertion], of device: DeviceReference, _ kind: ArtifactKind
  ) {
    let own = insertions.filter { $0.insertion.point.file.kind == kind && $0.devices.contains(device.name) }
    if own.isEmpty { return }
    append(", \"insertions\": [")
    for (index, placed) in own.enumerated() {
      append(index == 0 ? "{\"point\": \"" : ", {\"point\": \"")
      text.append(contentsOf: placed.insertion.point.name.utf8)
      append("\", \"file\": \"")
      text.append(contentsOf: placed.insertion.path.text.utf8)
      append("\"}")
    }
    append("]")
  }

  /// A path consists of checked names and of words of the compiler, so it needs no escapes in either manifest.
  mutating func appendPath(_ record: FileRecord, of device: DeviceReference) {
    append(device.role.folder)
    text.append(UInt8(ascii: "/"))
    text.append(contentsOf: device.name.text.utf8)
    text.append(UInt8(ascii: "/"))
    append(record.kind.fileName)
  }

  /// Appends the inside of a JSON string (RFC 8259, section 7).
  mutating func appendJSON(_ value: String) {
    for byte in value.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): text += [UInt8(ascii: "\\"), byte]
      case 0..<0x20:
        text += Array("\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8)
      default: text.append(byte)
      }
    }
  }

  mutating func flush(
    if size: Int, _ take: (UnsafeRawBufferPointer) throws(PublishError) -> Void
  ) throws(PublishError) {
    if text.count < size { return }
    try text.withUnsafeBufferPointer { (bytes) throws(PublishError) in try take(UnsafeRawBufferPointer(bytes))
    }
    text.removeAll(keepingCapacity: true)
  }
}
