/// What another system says and this language can't, and what is wrong with the documents.
extension Diagnostic {
  static func nothingToImport() -> Diagnostic {
    Diagnostic(
      .nothingToImport, "the input holds no policy", at: nil,
      help: ["give NetworkPolicies of Kubernetes, or documents with `securitypolicies` of Romana"])
  }

  static func unknownPolicyForm(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .unknownPolicyForm, "this is neither an object of Kubernetes nor a policy of Romana", at: range,
      notes: ["an object of Kubernetes has `apiVersion` and `kind`, a policy of Romana `applied_to`"],
      help: ["leave it out of the input, or check the indentation"])
  }

  static func otherPolicyKind(_ kind: String, version: String?, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .notRepresentable, "\(shown(kind)) of \(version.map { shown($0) } ?? "no version") can't be imported", at: range,
      notes: ["to leave it out would change what the others mean together"],
      help: ["write it in this language by hand and remove it from the input; networking.k8s.io/v1 is imported"])
  }

  static func objectLeftOut(_ kind: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .objectLeftOut, "an object of the kind \(shown(kind)) is no policy and is left out", at: range,
      help: ["remove it from the input, or pass --allow \(DiagnosticCode.objectLeftOut.text)"])
  }

  static func withoutNamespace(_ name: Located<String>) -> Diagnostic {
    Diagnostic(
      .invalidForeignPolicy, "the NetworkPolicy \(shown(name.value)) names no namespace, and so no tenant",
      at: name.range,
      help: ["add `namespace:` to its metadata, or pass --namespace NAME for all that have none"])
  }

  static func isolationAnnotation(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .notRepresentable, "isolation by an annotation of the namespace was given up with Kubernetes 1.7", at: range,
      help: ["write a NetworkPolicy that selects all pods and allows nothing, and remove the annotation"])
  }

  static func labelWithoutSegment(_ key: Located<String>, _ label: String) -> Diagnostic {
    Diagnostic(
      .unmappedLabel, "the label \(shown(key.value)) of pods says nothing about their segment", at: key.range,
      notes: ["the label \(shown(label)) holds the name of a pod's segment"],
      help: ["select pods by that label, or name another with --segment-label"])
  }

  static func labelWithoutNamespace(_ key: Located<String>, _ labels: [String]) -> Diagnostic {
    Diagnostic(
      .unmappedLabel, "which namespaces have the label \(shown(key.value)) is not known", at: key.range,
      notes: ["the name of a namespace is in \(labels.map { shown($0) }.joined(separator: " or "))"],
      help: ["add the Namespace objects to the input (kubectl get namespaces -o yaml), or select by name"])
  }

  static func negatedSegments(_ requirement: LabelSelector.Requirement) -> Diagnostic {
    Diagnostic(
      .notRepresentable, "pods without a segment, or of all segments but some, can't be named",
      at: requirement.key.range,
      help: ["list the segments that are meant: { operator: In, values: [ … ] }"])
  }

  static func negatedNamespaces(_ requirement: LabelSelector.Requirement) -> Diagnostic {
    Diagnostic(
      .notRepresentable, "all namespaces but some can't be named without knowing them", at: requirement.key.range,
      help: ["add the Namespace objects to the input (kubectl get namespaces -o yaml), or list those that are meant"])
  }

  static func expressionValues(_ word: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .invalidForeignPolicy,
      word == "In" || word == "NotIn" ? "`\(word)` needs `values`" : "`\(word)` takes no `values`", at: range,
      help: ["In and NotIn take values, Exists and DoesNotExist none"])
  }

  static func selectsNothing(_ what: StaticString, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .importedWithoutEffect, "no \(what) is left that this selects", at: range,
      help: ["check it; what it would allow is not allowed, as in Kubernetes"])
  }

  static func rulesWithoutType(_ key: String, _ type: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .importedWithoutEffect, "the rules of `\(key)` mean nothing, since `policyTypes` has no \(type)", at: range,
      help: ["add \(type) to `policyTypes`, or remove the rules"])
  }

  static func nameChanged(_ name: Located<String>, to fitting: Name) -> Diagnostic {
    Diagnostic(
      .importedTextChanged, "the name \(shown(name.value)) becomes '\(fitting)'", at: name.range,
      notes: ["names have at most 63 letters, digits, '-', '_' and '.'"],
      help: ["give it a name that fits, or pass --allow \(DiagnosticCode.importedTextChanged.text)"])
  }

  static func descriptionChanged(_ text: Located<String>, to comment: CommentText?) -> Diagnostic {
    Diagnostic(
      .importedTextChanged,
      comment.map { "the description becomes \(shown($0.text, limit: 100))" } ?? "the description is left out",
      at: text.range,
      notes: ["it becomes the comment of rules, which is short and has few characters"],
      help: ["shorten it, or pass --allow \(DiagnosticCode.importedTextChanged.text)"])
  }

  static func blockWithSelector(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .invalidForeignPolicy, "`ipBlock` stands alone in a peer", at: range,
      help: ["make it two peers: begin each with `- `; Kubernetes refuses this too"])
  }

  static func emptyPeer(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .invalidForeignPolicy, "the peer names nobody", at: range,
      help: ["name a podSelector, namespaceSelector or ipBlock; Kubernetes refuses this too"])
  }

  static func exceptOutside(_ except: Located<Prefix>, _ cidr: Located<Prefix>) -> Diagnostic {
    Diagnostic(
      .invalidForeignPolicy, "\(except.value) is no part of \(cidr.value)", at: except.range,
      labels: [(cidr.range, "of these addresses")], help: ["correct it; Kubernetes refuses this too"])
  }

  static func endPortAlone(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .invalidForeignPolicy, "`endPort` needs `port`, the first of the range", at: range,
      help: ["add `port:`; Kubernetes refuses this too"])
  }

  static func namedPort(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .notRepresentable, "the port is a name, which each pod may give to another number", at: range,
      help: ["write the number, without quotes"])
  }

  static func romanaDirection(_ direction: Located<String>) -> Diagnostic {
    Diagnostic(
      .notRepresentable, "the direction \(shown(direction.value)) can't be imported", at: direction.range,
      notes: ["Romana documents ingress only, and its agents drop what a policy for egress names"],
      help: ["write a policy with `direction: egress` and `allow:` or `deny:` in this language"])
  }

  static func bothRomanaForms(_ key: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .invalidForeignPolicy, "`\(key)` stands beside `ingress`", at: range,
      help: ["a policy has either `peers` and `rules`, or a list `ingress` of them"])
  }

  static func needlessRomanaPeer(_ key: String, _ value: Located<String>) -> Diagnostic {
    Diagnostic(
      .importedWithoutEffect, "`\(key): \(value.value.lowercased())` needs no policy and is left out", at: value.range,
      notes: ["a host reaches its own endpoints: its traffic is never filtered on the way to them"],
      help: ["remove it"])
  }

  static func cidrBesideTenant(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .invalidForeignPolicy, "`cidr` stands beside a tenant or segment", at: range,
      notes: ["Romana looks at the CIDR alone then"], help: ["make it two entries, or remove one of the two"])
  }

  static func romanaNumber(_ what: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .notRepresentable, "a number of Romana's own does not say which \(what) is meant", at: range,
      help: ["add `\(what)` with the name"])
  }

  static func emptyRomanaPeer(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .invalidForeignPolicy, "the entry names nobody", at: range,
      help: ["name `tenant`, `cidr`, `peer` or `dest`"])
  }

  static func statelessRule(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .importedWithoutEffect, "replies pass whatever `is_stateful` says", at: range,
      help: ["remove it, or pass --allow \(DiagnosticCode.importedWithoutEffect.text)"])
  }

  static func fieldOfOtherProtocol(_ key: String, _ proto: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .invalidForeignPolicy, "`\(key)` has no meaning with the protocol \(shown(proto))", at: range,
      help: ["remove it, or make it two rules"])
  }

  static func icmpCode(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .notRepresentable, "codes of ICMP can't be named, only types", at: range,
      help: ["remove `icmp_code` to mean all codes of the type"])
  }

  static func portRange(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .invalidForeignPolicy, "a range of ports is a list of two numbers, the lower one first", at: range,
      help: ["write [16000, 16100]"])
  }
}
