extension Diagnostic {
  static func functionWithoutInterface(
    _ function: ServiceFunctionDocument, listed: EndpointDocument?
  ) -> Diagnostic {
    Diagnostic(
      .functionWithoutInterface, "the service function '\(function.name.value)' has no interface", at: function.range,
      labels: listed.map { [($0.range, "its endpoint, without `interface:`")] } ?? [],
      notes: ["what it sends on has the source of others; only the interface tells that it comes from the function"],
      help: ["write `interface: NAME`: the end of its cable on the host '\(function.host.value)'"])
  }

  static func functionInterfaceDiffers(
    _ function: ServiceFunctionDocument, _ interface: Located<InterfaceName>, _ listed: Located<InterfaceName>
  ) -> Diagnostic {
    Diagnostic(
      .functionConflict,
      "the service function '\(function.name.value)' is on '\(interface.value)', but its endpoint is on '\(listed.value)'",
      at: interface.range, labels: [(listed.range, "listed here")], help: ["remove one of the two"])
  }

  static func functionNameTaken(_ function: ServiceFunctionDocument, _ other: EndpointDocument) -> Diagnostic {
    Diagnostic(
      .functionConflict,
      "the host '\(function.host.value)' has another endpoint with the name of the service function '\(function.name.value)'",
      at: function.name.range, labels: [(other.range, "it is of another segment, or has another id")],
      help: ["rename one, or make `tenant`, `segment` and `endpoint` those of the listed endpoint"])
  }

  static func oneEndpointTwice(
    _ function: ServiceFunctionDocument, _ first: ServiceFunctionDocument
  ) -> Diagnostic {
    Diagnostic(
      .functionConflict,
      "the service functions '\(first.name.value)' and '\(function.name.value)' are one endpoint", at: function.range,
      labels: [(first.range, "the other one")],
      help: ["name one function in both services, or give the other an endpoint of its own"])
  }

  static func functionWithoutAddress(_ function: ServiceFunctionDocument) -> Diagnostic {
    Diagnostic(
      .functionOutsideNetworks,
      "the service function '\(function.name.value)' is in no network: its tenant has none on the host '\(function.host.value)'",
      at: function.host.range, notes: ["networks can be reserved to regions (`regions:`) and to tenants (`tenants:`)"],
      help: ["name a host that a network of the tenant '\(function.tenant.value)' reaches, or another tenant"])
  }

  static func functionLacksFamily(_ service: Service, _ function: Located<Name>, _ family: AddressFamily) -> Diagnostic
  {
    Diagnostic(
      .functionOutsideNetworks,
      "the service '\(service.name)' leads \(family.name) through '\(function.value)', which has no \(family.name) address",
      at: function.range,
      help: ["give its tenant a network of that family on its host, or narrow `from` and `to` to the other family"])
  }

  static func functionElsewhere(
    _ service: Service, _ function: Located<Name>, _ home: Name, _ other: Name
  ) -> Diagnostic {
    Diagnostic(
      .functionElsewhere,
      "the service '\(service.name)' has sources in the region '\(other)', but the function '\(function.value)' is in '\(home)'",
      at: function.range, notes: ["packets reach a function over the fabric of its region"],
      help: ["narrow the service: { tenant: …, region: \(home) }, and write another one with functions in '\(other)'"])
  }

  static func serviceWithoutSource(_ service: ServiceDocument, _ peer: PeerDocument) -> Diagnostic {
    Diagnostic(
      .serviceWithoutSource, "the service '\(service.name.value)' needs endpoints as its source", at: peer.range,
      notes: ["packets are led on the host that holds the endpoint that sends them"],
      help: ["write `from: { tenant: NAME, segment: NAME }`; a place alone, such as { rack: NAME }, is possible too"])
  }

  static func serviceToHosts(_ service: ServiceDocument, _ peer: PeerDocument) -> Diagnostic {
    Diagnostic(
      .servicePeer, "the service '\(service.name.value)' leads to hosts themselves", at: peer.range,
      notes: ["what endpoints send to their own host never leaves it, and other hosts are closed to them"],
      help: ["name endpoints, a `cidr`, or `any`"])
  }

  static func chainThroughItself(
    _ service: ServiceDocument, _ name: Located<Name>, _ first: Located<Name>
  ) -> Diagnostic {
    Diagnostic(
      .chainThroughItself, "the service '\(service.name.value)' goes through '\(name.value)' twice", at: name.range,
      labels: [(first.range, "first here")],
      notes: ["a packet that leaves a function looks the same each time: it would go round in circles"],
      help: ["remove one of the two"])
  }

  static func chainTooLong(_ service: ServiceDocument) -> Diagnostic {
    Diagnostic(
      .chainTooLong,
      "the service '\(service.name.value)' has \(service.via.count) functions; there is room for \(mostFunctionsInChain)",
      at: service.viaRange, help: ["join functions, or remove some"])
  }

  static func servicesContradict(_ service: Service, _ other: Service, _ witness: String) -> Diagnostic {
    Diagnostic(
      .servicesContradict,
      "the services '\(other.name)' and '\(service.name)' both want the same packets, e.g. \(witness)",
      at: service.range, labels: [(other.range, "the other one, of the same priority")],
      help: ["narrow one of them, or give the one that is to have these packets a lower `priority:`"])
  }

  static func serviceWithTranslation(_ service: Service, _ region: Name) -> Diagnostic {
    Diagnostic(
      .serviceWithTranslation,
      "the service '\(service.name)' leads packets that leave the fabric, and the region '\(region)' has `egress: snat`",
      at: service.range,
      notes: [
        "a connection gets the instance's address where it is seen first, which is on the way to the function; from there it leaves with the endpoint's"
      ], help: ["name endpoints in `to:`, or use `egress: routed`"])
  }

  static func returnFromOutside(_ service: ServiceDocument) -> Diagnostic {
    Diagnostic(
      .returnFromOutside,
      "the service '\(service.name.value)' leads packets back, but not all of them come from endpoints",
      at: service.returns?.range ?? service.name.range,
      notes: ["what comes from outside the fabric is led nowhere: no host holds its source"],
      help: ["name the endpoints under `to:`, and write a second service without `return` for addresses outside"])
  }

  static func serviceMatchesNothing(_ service: Service) -> Diagnostic {
    Diagnostic(
      .serviceMatchesNothing, "the service '\(service.name)' is about no packet", at: service.range,
      notes: ["its sides have no address family in common, or what they name has no addresses there"],
      help: ["check the families of its addresses, and the networks of its tenants"])
  }

  static func functionOnDrainedHost(_ service: Service, _ function: Located<Name>, _ host: Name) -> Diagnostic {
    Diagnostic(
      .functionOnDrainedHost,
      "the function '\(function.value)' of the service '\(service.name)' is on '\(host)', which is drained",
      at: function.range, notes: ["nothing is routed to that host: for others the function is down"],
      help: ["move the function, or take the host back with `state: active`"])
  }
}
