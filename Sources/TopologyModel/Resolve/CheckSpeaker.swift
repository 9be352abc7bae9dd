/// Checks that a host's speaker has what is asked of it.
func checkSpeaker(
  _ settings: SettingsDocument, _ routing: RoutingProtocol, of host: Located<Name>, _ diagnostics: inout Diagnostics
) {
  let speaker = settings.speaker?.value ?? .bird
  if speaker == .none {
    // Without a daemon BGP and OSPF are a contradiction of their own.
    if routing == .bgp { diagnostics.addOnce(.speakerConflict(of: host, at: settings.speaker?.range)) }
    return
  }
  guard speaker.capabilities.protocols.contains(routing) else {
    diagnostics.addOnce(.speakerLacksProtocol(speaker, routing, of: host, at: settings.speaker?.range))
    return
  }
  guard routing == .bgp else { return }
  if let secret = settings.secret, !speaker.capabilities.features.contains(.md5) {
    diagnostics.addOnce(
      .speakerLacksFeature(speaker, .md5, "secret", of: host, at: settings.speaker?.range, secret.range))
  }
  for (use, feature, key) in [
    (settings.bfd, SessionFeature.bfd, "bfd"), (settings.bgpRole, .role, "bgp_role"),
  ] where use?.value == .required && !speaker.capabilities.features.contains(feature) {
    diagnostics.addOnce(.speakerLacksFeature(speaker, feature, key, of: host, at: settings.speaker?.range, use?.range))
  }
}

extension Diagnostic {
  static func speakerLacksFeature(
    _ speaker: Speaker, _ feature: SessionFeature, _ key: String, of host: Located<Name>, at range: SourceRange?,
    _ demand: SourceRange?
  ) -> Diagnostic {
    var labels = [(host.range, "it holds for this host")]
    if let demand { labels.append((demand, "asked for here")) }
    return Diagnostic(
      .speakerLacksFeature,
      "`speaker: \(speaker.rawValue)` lacks \(feature.title), which the host '\(host.value)' must have",
      at: range ?? demand ?? host.range, labels: labels,
      notes: ["speakers with \(feature.title): \(words(Speaker.speakers(with: feature)))"],
      help: ["choose another speaker, or write `\(key): auto` for the host"])
  }

  static func speakerLacksProtocol(
    _ speaker: Speaker, _ routing: RoutingProtocol, of host: Located<Name>, at range: SourceRange?
  ) -> Diagnostic {
    let name = routing.rawValue.uppercased()
    return setting(
      .speakerLacksProtocol, "`speaker: \(speaker.rawValue)` does not speak \(name)", of: host, at: range,
      note: "speakers of \(name): \(words(Speaker.speakers(of: routing)))",
      help: "choose another speaker, or `protocol: bgp`")
  }
}

private func words(_ speakers: [Speaker]) -> String { speakers.map(\.rawValue).joined(separator: ", ") }
