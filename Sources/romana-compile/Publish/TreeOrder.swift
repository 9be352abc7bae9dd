import Emitters
import TopologyModel

/// The devices of a tree in the order of their folders' paths, byte by byte.
///
/// This is not the order of the names: `h1-a/` comes before `h1/`.
func devicesInPathOrder(_ plan: NetworkPlan, _ scope: TreeScope) -> [DeviceReference] {
  switch scope {
  case .fabric: plan.devices.sorted(by: folderPrecedes)
  case .device(let device): [device]
  }
}

private func folderPrecedes(_ left: DeviceReference, _ right: DeviceReference) -> Bool {
  if left.role != right.role { return text(left.role.folder).precedes(text(right.role.folder)) }
  var (left, right) = (left.name.text, right.name.text)
  return left.withUTF8 { left in
    right.withUTF8 { right in
      for index in 0..<min(left.count, right.count) where left[index] != right[index] {
        return left[index] < right[index]
      }
      let slash = UInt8(ascii: "/")
      if left.count < right.count { return slash < right[left.count] }
      return left.count > right.count && left[right.count] < slash
    }
  }
}

/// The kinds of file in the order of their names, byte by byte.
let kindsInPathOrder = ArtifactKind.allCases.sorted { text($0.fileName).precedes(text($1.fileName)) }

extension [FabricFile] {
  /// In the order of their paths, byte by byte.
  var inPathOrder: [FabricFile] { sorted { text($0.path).precedes(text($1.path)) } }
}

private func text(_ literal: StaticString) -> UnsafeBufferPointer<UInt8> {
  UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount)
}

extension UnsafeBufferPointer<UInt8> {
  fileprivate func precedes(_ other: Self) -> Bool { lexicographicallyPrecedes(other) }
}

extension DeviceReference {
  /// Whether the files of the device come before another path, byte by byte, which is not inside of its folder.
  func precedes(_ path: String) -> Bool {
    let folder = text(role.folder)
    guard path.utf8.starts(with: folder) else { return folder.lexicographicallyPrecedes(path.utf8) }
    return "\(folderPath)/".utf8.lexicographicallyPrecedes(path.utf8)
  }
}

/// The path of a file below the folder of its role, e.g. `h1/bird.conf`, in memory that is used again.
struct DevicePath {
  private var bytes: [CChar] = []

  /// The folder of the device itself.
  mutating func set(_ device: DeviceReference) {
    bytes.removeAll(keepingCapacity: true)
    for byte in device.name.text.utf8 { bytes.append(CChar(bitPattern: byte)) }
    bytes.append(0)
  }

  mutating func set(_ device: DeviceReference, _ kind: ArtifactKind) {
    set(device)
    bytes[bytes.count - 1] = CChar(bitPattern: UInt8(ascii: "/"))
    for byte in text(kind.fileName) { bytes.append(CChar(bitPattern: byte)) }
    bytes.append(0)
  }

  func withText<Result, Failure>(
    _ body: (UnsafePointer<CChar>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try bytes.withUnsafeBufferPointer { (buffer) throws(Failure) in try body(buffer.baseAddress!) }
  }
}
