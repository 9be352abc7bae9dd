/// The objects of Kubernetes as far as policies need them (networking.k8s.io/v1, meta/v1). Keys whose values say
/// nothing about traffic are known so that a misspelt one is found.
extension ObjectSpec {
  static let kubernetesList = ObjectSpec(
    "List", phrase: "a list of objects", "",
    [
      KeySpec("apiVersion", .text, ""), KeySpec("kind", .text, ""), KeySpec("metadata", .text, ""),
      KeySpec("items", .text, ""),
    ])

  private static let objectKeys: [KeySpec] = [
    KeySpec("apiVersion", .text, ""), KeySpec("kind", .text, ""),
    KeySpec("metadata", .text, required: true, "It holds the name."), KeySpec("status", .text, ""),
  ]

  static let networkPolicy = ObjectSpec(
    "NetworkPolicy", phrase: "a NetworkPolicy", "",
    objectKeys + [KeySpec("spec", .text, required: true, "It says which pods and what traffic are meant.")])

  static let kubernetesNamespace = ObjectSpec(
    "Namespace", phrase: "a Namespace", "", objectKeys + [KeySpec("spec", .text, "")])

  static let kubernetesMetadata = ObjectSpec(
    "metadata", phrase: "`metadata`", "",
    [KeySpec("name", .name, required: true, "The name of the object.")]
      + [
        "namespace", "labels", "annotations", "uid", "resourceVersion", "generation", "creationTimestamp",
        "managedFields", "selfLink", "ownerReferences", "finalizers", "deletionTimestamp",
        "deletionGracePeriodSeconds", "generateName",
      ].map { KeySpec($0, .text, "") })

  static let networkPolicySpec = ObjectSpec(
    "spec", phrase: "the `spec` of a NetworkPolicy", "",
    ["podSelector", "policyTypes", "ingress", "egress"].map { KeySpec($0, .text, "") })

  static let ingressRule = ObjectSpec(
    "ingress", phrase: "a rule of `ingress`", "", ["from", "ports"].map { KeySpec($0, .text, "") })

  static let egressRule = ObjectSpec(
    "egress", phrase: "a rule of `egress`", "", ["to", "ports"].map { KeySpec($0, .text, "") })

  static let networkPolicyPeer = ObjectSpec(
    "peer", phrase: "a peer", "",
    ["podSelector", "namespaceSelector", "ipBlock"].map { KeySpec($0, .text, "") })

  static let networkPolicyPort = ObjectSpec(
    "port", phrase: "a port", "", ["protocol", "port", "endPort"].map { KeySpec($0, .text, "") })

  static let ipBlock = ObjectSpec(
    "ipBlock", phrase: "`ipBlock`", "",
    [KeySpec("cidr", .text, required: true, "The addresses."), KeySpec("except", .text, "")])

  static let labelSelector = ObjectSpec(
    "selector", phrase: "a selector", "",
    [KeySpec("matchLabels", .text, ""), KeySpec("matchExpressions", .text, "")])

  static let labelExpression = ObjectSpec(
    "expression", phrase: "an expression", "",
    [
      KeySpec("key", .text, required: true, "The label."),
      KeySpec("operator", .text, required: true, "In, NotIn, Exists or DoesNotExist."), KeySpec("values", .text, ""),
    ])
}

/// The name, namespace and labels of an object.
struct KubernetesMetadata {
  /// As written: up to 253 characters.
  var name: Located<String>
  var namespace: Located<Name>?
  var labels: [String: String] = [:]
  var annotations: [YAMLEntry] = []

  init?(_ node: YAMLNode, _ diagnostics: inout Diagnostics) {
    guard let reader = MappingReader(node, .kubernetesMetadata, &diagnostics),
      let written = reader.required("name", &diagnostics), let name = decodeText(written, &diagnostics)
    else { return nil }
    self.name = name
    namespace = reader.present("namespace").flatMap { decodeName($0, &diagnostics) }
    if case .mapping(let entries)? = reader.present("labels")?.content {
      for entry in entries {
        if case .scalar(let text, _) = entry.value.content { labels[entry.key] = text }
      }
    }
    if case .mapping(let entries)? = reader.present("annotations")?.content { annotations = entries }
  }
}

/// A namespace that the input describes, so that selectors over its labels can be answered.
struct KubernetesNamespace {
  var name: Name
  var labels: [String: String]

  init?(_ node: YAMLNode, _ diagnostics: inout Diagnostics) {
    guard let reader = MappingReader(node, .kubernetesNamespace, &diagnostics),
      let written = reader.required("metadata", &diagnostics),
      let metadata = KubernetesMetadata(written, &diagnostics)
    else { return nil }
    // Before Kubernetes 1.7 a namespace was isolated by this; with NetworkPolicies of v1 it means nothing.
    for entry in metadata.annotations where entry.key == "net.beta.kubernetes.io/network-policy" {
      diagnostics.add(.isolationAnnotation(at: entry.keyRange))
    }
    guard let name = Name(metadata.name.value) else {
      diagnostics.add(.invalidName(metadata.name.value, at: metadata.name.range))
      return nil
    }
    self.name = name
    labels = metadata.labels
  }
}
