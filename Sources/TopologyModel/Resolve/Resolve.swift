/// Turns a decoded topology into one in which everything is settled, and the lock file that records what was
/// chosen. Nil if there were errors.
///
/// - Parameters:
///   - lock: what an earlier run recorded; nil if there is no lock file.
///   - mayRenumber: whether recorded numbers may be given up (`--renumber`).
package func resolveTopology(
  _ document: TopologyDocument, lock: LockFile?, mayRenumber: Bool = false, _ diagnostics: inout Diagnostics
) -> (topology: Topology, lock: LockFile)? {
  if let lock, let fabric = document.fabric, lock.fabric != fabric.value {
    diagnostics.add(.lockOfOtherFabric(lock.fabric, fabric))
    return nil
  }
  // That the name is missing was reported; everything else can be checked without it.
  let fabric = document.fabric?.value ?? Name("unnamed")!
  var ledger = LockLedger(old: lock, fabric: fabric, mayRenumber: mayRenumber)
  var document = document
  settleKinds(&document, &diagnostics)
  checkNames(document, &diagnostics)
  let vlans = resolveVLANs(document, &diagnostics)
  var networks = resolveNetworks(document, &diagnostics)
  bindNetworks(&networks, to: vlans, &diagnostics)
  let tenants = resolveTenants(document, networks, &ledger, &diagnostics)
  var draft = identifyDevices(document, networks, &ledger, &diagnostics)
  placeVLANs(&draft, vlans, networks, &diagnostics)
  let functionEndpoints = listFunctions(document.serviceFunctions, &draft, &diagnostics)
  let demands = BlockDemands(draft, networks, tenants, &diagnostics)
  allocatePrefixes(&draft, networks, demands, &ledger, &diagnostics)
  allocateBlocks(&draft, document, networks, demands, &ledger, &diagnostics)
  checkAccess(draft, &diagnostics)
  checkClouds(draft, networks, &diagnostics)
  assignHostAddresses(&draft, networks, &diagnostics)
  assignLinks(&draft, networks, &ledger, &diagnostics)
  assignASNs(&draft, pool: document.asnPool, gateways: document.gatewayHosts, &ledger, &diagnostics)
  recordDevices(draft, &ledger)
  var topology = assemble(
    draft, fabric: fabric, networks: networks, vlans: vlans, tenants: tenants,
    underlay: checkAddressBlocks(document, networks, draft, &diagnostics), &diagnostics)
  resolveUpstreams(draft, into: &topology, &diagnostics)
  resolveInterconnects(document, into: &topology, &ledger, &diagnostics)
  checkRouting(topology, draft, &diagnostics)
  checkASPathsAcross(topology, draft, &diagnostics)
  checkOSPF(topology, draft, &diagnostics)
  if !diagnostics.hasErrors { checkCloudRoutes(topology, draft, &diagnostics) }
  checkSecrets(draft, &diagnostics)
  if !diagnostics.hasErrors { checkVLANNetworks(topology, &diagnostics) }
  checkManagement(document, topology, &diagnostics)
  topology.policies = resolvePolicies(document.policies, topology, &diagnostics)
  if !diagnostics.hasErrors { checkPolicies(topology, &diagnostics) }
  resolveServices(document, functionEndpoints, &topology, &ledger, &diagnostics)
  topology.insertions = resolveInsertions(document.insertions, topology, &diagnostics)
  assert(document.fabric != nil || diagnostics.hasErrors)
  return diagnostics.hasErrors ? nil : (topology, ledger.finished())
}

extension Diagnostic {
  static func lockOfOtherFabric(_ other: Name, _ fabric: Located<Name>) -> Diagnostic {
    Diagnostic(
      .lockOfOtherFabric, "the lock file is that of the fabric '\(other)', not of '\(fabric.value)'",
      at: fabric.range,
      help: [
        "if the fabric was renamed, change `fabric:` in the lock file too; else give this topology a lock file of its own with --lock"
      ])
  }
}
