/// The regions of EC2 and the last letters of their availability zones, as the AWS documentation listed them in 2026. An account
/// may see fewer.
private let cloudRegions: [(region: String, letters: String)] = [
  ("af-south-1", "abc"), ("ap-east-1", "abc"), ("ap-east-2", "abc"), ("ap-northeast-1", "abcd"),
  ("ap-northeast-2", "abcd"), ("ap-northeast-3", "abc"), ("ap-south-1", "abc"), ("ap-south-2", "abc"),
  ("ap-southeast-1", "abc"), ("ap-southeast-2", "abc"), ("ap-southeast-3", "abc"), ("ap-southeast-4", "abc"),
  ("ap-southeast-5", "abc"), ("ap-southeast-6", "abc"), ("ap-southeast-7", "abc"), ("ca-central-1", "abcd"),
  ("ca-west-1", "abc"), ("cn-north-1", "abcd"), ("cn-northwest-1", "abc"), ("eu-central-1", "abc"),
  ("eu-central-2", "abc"), ("eu-north-1", "abc"), ("eu-south-1", "abc"), ("eu-south-2", "abc"), ("eu-west-1", "abc"),
  ("eu-west-2", "abc"), ("eu-west-3", "abc"), ("il-central-1", "abc"), ("me-central-1", "abc"), ("me-south-1", "abc"),
  ("mx-central-1", "abc"), ("sa-east-1", "abc"), ("us-east-1", "abcdef"), ("us-east-2", "abc"),
  ("us-gov-east-1", "abc"), ("us-gov-west-1", "abc"), ("us-west-1", "abc"), ("us-west-2", "abcd"),
]

/// Checks that the region and its zones are ones of EC2: a mistake would only be seen when the files are applied.
func checkCloudNames(_ region: RegionDocument, _ diagnostics: inout Diagnostics) {
  let name = region.name.value.text
  if region.vpc?.checksNames?.value == .any {
    if !isRegionText(name) { diagnostics.add(.invalidCloudRegion(region.name)) }
    return
  }
  guard let known = cloudRegions.first(where: { $0.region == name }) else {
    diagnostics.add(.unknownCloudRegion(region.name))
    return
  }
  let zones = known.letters.map { "\(name)\($0)" }
  for zone in region.racks where !zones.contains(zone.name.value.text) && !isEdgeZone(zone.name.value.text, of: name) {
    diagnostics.add(.unknownZone(zone.name, region.name, zones))
  }
}

/// Letters, digits and dashes, first a letter: what names of regions are made of, and what Terraform takes as a provider's alias.
private func isRegionText(_ text: String) -> Bool {
  text.utf8.first.map { !(0x30...0x39).contains($0) } == true && text.utf8.allSatisfy { $0 != 0x2e && $0 != 0x5f }
}

/// Local zones, us-east-1-bos-1a, and Wavelength zones, us-east-1-wl1-bos-wlz-1: there are too many to list.
private func isEdgeZone(_ zone: String, of region: String) -> Bool {
  guard zone.hasPrefix("\(region)-") else { return false }
  let parts = zone.dropFirst(region.count + 1).split(separator: "-", omittingEmptySubsequences: false)
  func isPlace(_ part: Substring) -> Bool {
    part.utf8.count == 3 && part.utf8.allSatisfy { (0x61...0x7a).contains($0) }
  }
  switch parts.count {
  case 2:
    return isPlace(parts[0]) && parts[1].utf8.count == 2 && parts[1].first!.isNumber && parts[1].last!.isLowercase
  case 4: return parts[0].hasPrefix("wl") && isPlace(parts[1]) && parts[2] == "wlz" && isDecimal(parts[3])
  default: return false
  }
}

extension Diagnostic {
  fileprivate static let anyName = "if EC2 has it by now, write `names: any` under `vpc:`"

  fileprivate static func unknownCloudRegion(_ region: Located<Name>) -> Diagnostic {
    let known = cloudRegions.map(\.region)
    // A zone in place of its region is the commonest slip.
    let near =
      known.first { region.value.text.hasPrefix($0) && region.value.text.count == $0.count + 1 }
      ?? nearMiss(of: region.value.text, among: known)
    return Diagnostic(
      .unknownCloudName, "there is no EC2 region '\(region.value)'", at: region.range,
      notes: near == nil ? ["regions are: \(known.joined(separator: ", "))"] : [],
      help: (near.map { ["did you mean '\($0)'?"] } ?? []) + [anyName])
  }

  fileprivate static func invalidCloudRegion(_ region: Located<Name>) -> Diagnostic {
    Diagnostic(
      .unknownCloudName, "'\(region.value)' can't be a region of EC2", at: region.range,
      notes: ["names of regions have letters, digits and dashes only, and begin with a letter"],
      help: ["write the name that EC2 has for it, such as us-east-1"])
  }

  fileprivate static func unknownZone(
    _ zone: Located<Name>, _ region: Located<Name>, _ zones: [String]
  ) -> Diagnostic {
    let other = cloudRegions.first { known in known.letters.contains { "\(known.region)\($0)" == zone.value.text } }
    let near = other == nil ? nearMiss(of: zone.value.text, among: zones) : nil
    return Diagnostic(
      .unknownCloudName,
      other.map { "the zone '\(zone.value)' is in the region '\($0.region)', not in '\(region.value)'" }
        ?? "there is no zone '\(zone.value)' in the region '\(region.value)'", at: zone.range,
      labels: [(region.range, "the region")],
      notes: ["its zones are: \(zones.joined(separator: ", ")), and local ones such as \(region.value)-bos-1a"],
      help: (near.map { ["did you mean '\($0)'?"] } ?? ["choose one of them"]) + [anyName])
  }
}
