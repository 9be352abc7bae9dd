extension DevicePlan {
  /// The names of the secrets that files of the device refer to, sorted.
  package var secrets: [Name] {
    Set((ospf?.interfaces ?? []).compactMap(\.secret) + (bgp?.sessions ?? []).compactMap(\.secret)).sorted()
  }

  var needsSecrets: Bool { !secrets.isEmpty }
}
