/// How names of another system become names of this language.
package struct PolicyImportOptions: Sendable {
  /// The label of pods whose value is the name of their segment.
  package var segmentLabel = "romana.io/segment"
  /// Labels of namespaces whose value is the name of the namespace, and so of a tenant.
  package var namespaceLabels = ["kubernetes.io/metadata.name", "namespace"]
  /// The namespace of objects that name none.
  package var namespace: Name?
  /// The first of the priorities that policies get; nil: 1000 for those of Kubernetes, the default for those of Romana.
  package var priority: Int?
  /// What the topology has that the policies are for, if it is known.
  package var fabric: ImportFabric?

  package init() {}
}

/// What of a topology imported policies refer to.
package struct ImportFabric: Sendable {
  var networks: [Prefix]
  var tenants: [Name: Int]
  var segments: [[Name: Int]]

  package init(_ document: TopologyDocument) {
    func index(_ names: [Name]) -> [Name: Int] {
      Dictionary(names.enumerated().map { ($1, $0) }) { first, _ in first }
    }
    networks = document.networks.map(\.cidr.value)
    tenants = index(document.tenants.map(\.name.value))
    segments = document.tenants.map { index($0.segments.map(\.name.value)) }
  }
}

/// Reads files of Kubernetes objects and of Romana's policy documents, and says the same in policies of this language, or
/// reports what can't be said.
///
/// All files of a run are read together: what Kubernetes isolates depends on all its policies.
package func importPolicies(
  _ paths: [String], _ options: PolicyImportOptions, into sources: inout SourceMap, _ diagnostics: inout Diagnostics
) -> [ImportedPolicy] {
  var objects = ImportedObjects()
  for path in paths {
    let file: UInt32
    do {
      let bytes = try readFile(path)
      if let diagnostic = encodingError(bytes, path: path) {
        diagnostics.add(diagnostic)
        continue
      }
      file = sources.add(SourceFile(path: path == "-" ? "standard input" : path, bytes: bytes))
    } catch {
      diagnostics.add(.unreadable(path, error, at: nil))
      continue
    }
    for document in parseYAMLStream(file, in: sources, &diagnostics) ?? [] { objects.add(document, &diagnostics) }
  }
  var names = ImportedNames()
  var policies: [ImportedPolicy] = []
  for node in objects.romana { policies += importRomanaPolicy(node, options, &names, &diagnostics) }
  policies += importKubernetes(objects, options, &names, &diagnostics)
  if objects.romana.isEmpty, objects.policies.isEmpty, !diagnostics.hasErrors { diagnostics.add(.nothingToImport()) }
  return policies
}

/// The objects of all files, by kind.
struct ImportedObjects {
  var romana: [YAMLNode] = []
  /// NetworkPolicies of Kubernetes.
  var policies: [YAMLNode] = []
  var namespaces: [YAMLNode] = []

  /// Sorts a document in: an object, a list of them, or Romana's wrapper around a list.
  mutating func add(_ node: YAMLNode, kind: String? = nil, _ diagnostics: inout Diagnostics) {
    switch node.content {
    case .sequence(let items): for item in items { add(item, &diagnostics) }
    case .mapping(let entries):
      let keys = Set(entries.map(\.key))
      if kind != nil || keys.contains("kind") || keys.contains("apiVersion") {
        addKubernetes(node, entries, kind: kind, &diagnostics)
      } else if keys.contains("securitypolicies") {
        guard let reader = MappingReader(node, .romanaPolicies, &diagnostics) else { return }
        romana += reader.items("securitypolicies", &diagnostics) ?? []
      } else if keys.contains("applied_to") {
        romana.append(node)
      } else {
        diagnostics.add(.unknownPolicyForm(at: node.range))
      }
    case .scalar: diagnostics.add(.unknownPolicyForm(at: node.range))
    }
  }

  private mutating func addKubernetes(
    _ node: YAMLNode, _ entries: [YAMLEntry], kind known: String?, _ diagnostics: inout Diagnostics
  ) {
    func text(_ key: String) -> (text: String, range: SourceRange)? {
      guard let value = entries.first(where: { $0.key == key })?.value, case .scalar(let text, _) = value.content else {
        return nil
      }
      return (text, value.range)
    }
    guard let kind = text("kind") ?? known.map({ ($0, node.range) }) else {
      diagnostics.add(.unknownPolicyForm(at: node.range))
      return
    }
    let version = text("apiVersion")
    switch kind.text {
    case "List", "NetworkPolicyList", "NamespaceList":
      guard let reader = MappingReader(node, .kubernetesList, &diagnostics) else { return }
      let itemKind = kind.text == "List" ? nil : String(kind.text.dropLast(4))
      for item in reader.items("items", &diagnostics) ?? [] { add(item, kind: itemKind, &diagnostics) }
    case "NetworkPolicy"
    where version == nil || ["networking.k8s.io/v1", "extensions/v1beta1"].contains(version?.text):
      policies.append(node)
    case "Namespace": namespaces.append(node)
    case let other where other.hasSuffix("NetworkPolicy"):
      diagnostics.add(.otherPolicyKind(other, version: version?.text, at: version?.range ?? kind.range))
    default: diagnostics.add(.objectLeftOut(kind.text, at: kind.range))
    }
  }
}

/// Gives every imported policy a name of its own.
struct ImportedNames {
  private var taken: Set<Name> = []

  /// A name made of a text and an ending, shortened to what a name may have; a number tells it from others.
  mutating func make(_ text: String, _ ending: String = "") -> Name {
    var number = 1
    while true {
      let ending = ending + (number == 1 ? "" : "-\(number)")
      if let name = Name(String(fittingName(text).prefix(63 - ending.utf8.count)) + ending), taken.insert(name).inserted
      {
        return name
      }
      number += 1
    }
  }
}

/// The text with every character that no name has made a `-`.
func fittingName(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    let isFine = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
    if isFine || (!result.isEmpty && "-_.".unicodeScalars.contains(scalar)) {
      result.unicodeScalars.append(scalar)
    } else if !result.isEmpty {
      result.append("-")
    }
  }
  while result.hasSuffix(".") || result.hasSuffix("-") { result.removeLast() }
  return result.isEmpty ? "policy" : result
}

extension MappingReader {
  /// The value of a key that says something: none where it is absent or null.
  func present(_ key: String) -> YAMLNode? { node(key).flatMap { $0.isNull ? nil : $0 } }

  /// The items of a list; nil where it is absent or null.
  func items(_ key: String, _ diagnostics: inout Diagnostics) -> [YAMLNode]? {
    present(key).map { decodeList($0, &diagnostics) { node, _ in node } }
  }
}
