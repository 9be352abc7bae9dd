/// A label selector (meta/v1): all requirements must hold; none of them selects everything.
struct LabelSelector {
  struct Requirement {
    enum Operator: String, CaseIterable {
      case `in` = "In"
      case notIn = "NotIn"
      case exists = "Exists"
      case doesNotExist = "DoesNotExist"
    }
    var key: Located<String>
    var relation: Operator
    var values: [Located<String>]

    func holds(_ label: String?) -> Bool {
      switch relation {
      case .in: label.map { label in values.contains { $0.value == label } } ?? false
      case .notIn: label.map { label in !values.contains { $0.value == label } } ?? true
      case .exists: label != nil
      case .doesNotExist: label == nil
      }
    }
  }
  var requirements: [Requirement] = []
  var range: SourceRange

  /// Nil, with messages, if it can't be read.
  init?(_ node: YAMLNode, _ diagnostics: inout Diagnostics) {
    range = node.range
    let before = diagnostics.errorCount
    guard let reader = MappingReader(node, .labelSelector, &diagnostics) else { return nil }
    if let labels = reader.present("matchLabels") {
      guard case .mapping(let entries) = labels.content else {
        diagnostics.add(.wrongKind(expected: "labels", .mapping, found: labels))
        return nil
      }
      for entry in entries {
        guard let text = decodeScalar(entry.value, expected: "the value of a label", &diagnostics) else { continue }
        let key = Located(entry.key, at: entry.keyRange)
        requirements.append(Requirement(key: key, relation: .in, values: [Located(text, at: entry.value.range)]))
      }
    }
    for item in reader.items("matchExpressions", &diagnostics) ?? [] {
      if let requirement = Self.requirement(item, &diagnostics) { requirements.append(requirement) }
    }
    if diagnostics.errorCount > before { return nil }
  }

  private static func requirement(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> Requirement? {
    guard let reader = MappingReader(node, .labelExpression, &diagnostics),
      let key = reader.required("key", &diagnostics).flatMap({ decodeText($0, &diagnostics) }),
      let word = reader.required("operator", &diagnostics).flatMap({ decodeText($0, &diagnostics) })
    else { return nil }
    guard let relation = Requirement.Operator(rawValue: word.value) else {
      diagnostics.add(
        .invalidChoice(word.value, "operator", Requirement.Operator.allCases.map(\.rawValue), at: word.range))
      return nil
    }
    let values = (reader.items("values", &diagnostics) ?? []).compactMap { decodeText($0, &diagnostics) }
    guard (relation == .in || relation == .notIn) != values.isEmpty else {
      diagnostics.add(.expressionValues(relation.rawValue, at: node.range))
      return nil
    }
    return Requirement(key: key, relation: relation, values: values)
  }
}

/// Some names, or all that there are.
enum NameChoice {
  case all
  case some([Located<Name>])

  /// Each name, nil standing for all.
  var each: [Located<Name>?] {
    switch self {
    case .all: [nil]
    case .some(let names): names
    }
  }
}

/// Turns selectors into tenants and segments.
struct SelectorReader {
  let options: PolicyImportOptions
  /// Those that the input describes.
  let namespaces: [KubernetesNamespace]

  /// The segments of the pods that a selector selects; nil, with a message, if that can't be said.
  func segments(_ node: YAMLNode?, _ diagnostics: inout Diagnostics) -> NameChoice? {
    guard let node else { return .all }
    guard let selector = LabelSelector(node, &diagnostics) else { return nil }
    var chosen: [Located<Name>]?
    let before = diagnostics.errorCount
    for requirement in selector.requirements {
      guard requirement.key.value == options.segmentLabel else {
        diagnostics.add(.labelWithoutSegment(requirement.key, options.segmentLabel))
        continue
      }
      switch requirement.relation {
      // Every endpoint has a segment.
      case .exists: continue
      case .notIn, .doesNotExist: diagnostics.add(.negatedSegments(requirement))
      case .in:
        let names = requirement.values.compactMap { value in
          decodeName(YAMLNode(content: .scalar(value.value, isPlain: false), range: value.range), &diagnostics)
        }
        chosen = chosen.map { known in known.filter { name in names.contains { $0.value == name.value } } } ?? names
      }
    }
    if diagnostics.errorCount > before { return nil }
    guard let chosen else { return .all }
    if chosen.isEmpty { diagnostics.add(.selectsNothing("pod", at: selector.range)) }
    return .some(chosen)
  }

  /// The namespaces that a selector selects.
  func tenants(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> NameChoice? {
    guard let selector = LabelSelector(node, &diagnostics) else { return nil }
    if selector.requirements.isEmpty { return .all }
    if !namespaces.isEmpty { return chooseKnown(selector, &diagnostics) }
    var chosen: [Located<Name>]?
    let before = diagnostics.errorCount
    for requirement in selector.requirements {
      guard options.namespaceLabels.contains(requirement.key.value) else {
        diagnostics.add(.labelWithoutNamespace(requirement.key, options.namespaceLabels))
        continue
      }
      switch requirement.relation {
      case .exists: continue
      case .notIn, .doesNotExist: diagnostics.add(.negatedNamespaces(requirement))
      case .in:
        let names = requirement.values.compactMap { value in
          decodeName(YAMLNode(content: .scalar(value.value, isPlain: false), range: value.range), &diagnostics)
        }
        chosen = chosen.map { known in known.filter { name in names.contains { $0.value == name.value } } } ?? names
      }
    }
    if diagnostics.errorCount > before { return nil }
    guard let chosen else { return .all }
    if chosen.isEmpty { diagnostics.add(.selectsNothing("namespace", at: selector.range)) }
    return .some(chosen)
  }

  /// Of the namespaces that the input describes. Each has its own name as a label (Kubernetes 1.22 and later).
  private func chooseKnown(_ selector: LabelSelector, _ diagnostics: inout Diagnostics) -> NameChoice {
    let chosen = namespaces.filter { namespace in
      selector.requirements.allSatisfy { requirement in
        let key = requirement.key.value
        let implied = options.namespaceLabels.contains(key) ? namespace.name.text : nil
        return requirement.holds(namespace.labels[key] ?? implied)
      }
    }
    if chosen.isEmpty { diagnostics.add(.selectsNothing("namespace", at: selector.range)) }
    return .some(chosen.map { Located($0.name, at: selector.range) })
  }
}
