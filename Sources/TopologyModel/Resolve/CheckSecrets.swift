/// Checks that secrets are names of keys that somebody uses, and that a host does not know the key of ToRs and spines.
func checkSecrets(_ draft: TopologyDraft, _ diagnostics: inout Diagnostics) {
  for region in draft.regions where !region.document.isCloud {
    let fabric = region.document.fabricSecret
    let hasSpines = !region.spines.isEmpty && region.racks.contains { !$0.tors.isEmpty }
    let hasFabric = hasSpines || region.racks.contains { $0.pairKind == .link }
    if let fabric, region.routing == .static || !hasFabric {
      diagnostics.add(
        .secretWithoutSession(
          "fabric_secret", fabric, region.document.name,
          hasFabric ? "the region is static" : "the region has neither spines with ToRs below them nor pairs of ToRs"))
    }
    for rack in region.racks {
      for host in rack.hosts {
        if host.routing == .static {
          // What is inherited is meant for others.
          if let secret = host.document.settings.secret {
            diagnostics.addOnce(
              .secretWithoutSession("secret", secret, host.document.name, "the host has `protocol: static`"))
          }
        } else if let fabric, let secret = host.document.settings.inheriting(rack.settings).secret,
          secret.value == fabric.value
        {
          diagnostics.addOnce(.fabricSecretOnHost(secret, fabric))
        }
      }
    }
  }
}

extension Diagnostic {
  static func secretWithoutSession(
    _ key: String, _ secret: Located<Name>, _ owner: Located<Name>, _ reason: String
  ) -> Diagnostic {
    Diagnostic(
      .secretWithoutSession, "`\(key): \(secret.value)` protects nothing: \(reason)", at: secret.range,
      labels: [(owner.range, "it holds here")],
      help: ["remove it, or use `protocol: bgp`"])
  }
}
