extension DiagnosticCode {
  /// The long form: what is wrong, why it matters, an example and what to do. The first line is the summary.
  package var explanation: String { explanations[self] ?? "" }

  /// One sentence on what the code means.
  package var summary: String { String(explanation.prefix { $0 != "\n" }) }
}

/// Every code has an entry; a test demands it. The texts stand in one file for each hundred of codes.
private let explanations: [DiagnosticCode: String] =
  [
    readingExplanations, valueExplanations, nameExplanations, addressExplanations, routingExplanations,
    ospfExplanations, segmentExplanations, dualHomingExplanations, upstreamExplanations, lockExplanations,
    policyExplanations, importExplanations, topologyImportExplanations, hostFirewallExplanations, serviceExplanations,
    localExplanations,
    blockExplanations, unnumberedExplanations, vlanExplanations, cloudExplanations,
    interconnectExplanations,
  ]
  .reduce(into: [:]) { all, some in all.merge(some) { first, _ in first } }
