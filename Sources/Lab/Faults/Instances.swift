import Emitters
import TopologyModel

/// Instances of EC2 that carry traffic for others are lost, and `failover.sh`, as it is emitted, moves their routes. The router of
/// the VPC is a namespace, so the `aws` that the script finds changes that one's routes.
extension LabTest {
  func testInstances() async throws {
    let name = "forwarding instance lost, failover.sh run"
    var isTested = false
    for router in layout.nodes {
      guard let vpc = router.plan.vpc else { continue }
      for instance in movable(vpc) {
        // What else is lost with a gateway to other regions is another scenario.
        guard let node = layout.nodes.first(where: { $0.name == vpc.instances[instance].name.text }),
          let host = node.hostIndex, !topology.isGateway(host: host)
        else { continue }
        isTested = true
        try await testLoss("\(name) (\(node.name))", of: node, router)
      }
    }
    if !isTested { leaveOut(name, "no instance carries traffic of others") }
  }

  /// Of each zone an instance that routes lead over and another takes them from.
  private func movable(_ vpc: VPCPlan) -> [Int] {
    var zones: Set<Name> = []
    return vpc.tables.flatMap(\.routes).compactMap { route in
      guard let instance = route.instance, route.standby != nil else { return nil }
      return zones.insert(vpc.instances[instance].zone).inserted ? instance : nil
    }
  }

  private func testLoss(_ name: String, of node: LabNode, _ router: LabNode) async throws {
    guard let segment = layout.link(node.index, router.index) else { return }
    try await scenario(name) { result in
      let failover = try Failover(lab, router)
      var condition = Condition()
      condition.breakCable(segment, at: node.index, .cut)
      condition.lostInstances = [node.device.name]
      let probes = someAllowedPairs(among: { $0 != node.index })
      var wasSilent = false
      try await breakAndHeal(
        &result, condition, within: 20, probes: probes,
        breaking: {
          try await lab.setCable(segment, at: node.index, .cut)
          try await waitForCarrierLoss(segment, at: node.index)
          // Static routes do not move by themselves.
          let before = try await field.ask(probes)
          wasSilent = !before.outcomes.allSatisfy(\.isAnswered)
          try await failover.run(lab, node.name)
        },
        healing: {
          try await lab.setCable(segment, at: node.index, nil)
          try await failover.run(lab, "--back", node.name)
        })
      if !wasSilent { result.findings.append("nothing went over \(node.name): nothing is proven") }
      result.note += "; \(probes.count) probes of the others answered"
    }
  }
}

/// The emitted `failover.sh`, and a program in the place of the AWS CLI that does in the router's namespace what EC2 would do.
struct Failover {
  private let folder: String
  private var script: String { "\(folder)/failover.sh" }

  init(_ lab: Lab, _ router: LabNode) throws(LabError) {
    folder = "\(lab.identity.folder)/ec2-\(router.name)"
    try makeFolder(folder)
    let bytes = SharedFragments.none.bytes(.failoverScript, of: lab.plan.plan(router.device))
    try write(String(decoding: bytes, as: UTF8.self), to: "\(folder)/failover.sh", mode: 0o755)
    let interfaces = router.plan.vpc?.instances.enumerated().map { index, instance in
      // What has no id in the topology gets one that EC2 might have given.
      let id = instance.eni?.text ?? "eni-\(String(0xf000_0000 + index, radix: 16))"
      return ([id] + instance.addresses.map(\.description)).joined(separator: " ")
    }
    let text = Self.program.replacing("NAMESPACE", with: router.namespace)
      .replacing("INTERFACES", with: interfaces?.joined(separator: "\n") ?? "")
    try write(text, to: "\(folder)/aws", mode: 0o755)
  }

  func run(_ lab: Lab, _ arguments: String...) async throws(LabError) {
    try await executeOrThrow(
      ["sh", script] + arguments, firstInPath: folder,
      variables: [("ROMANA_VPC", "vpc-00000000"), ("ROMANA_ROUTE_TABLE", "rtb-00000000")])
  }

  /// Knows the four commands of failover.sh; any other ends with status 2.
  private static let program = #"""
    #!/bin/sh
    set -eu
    interfaces() {
      cat <<'END'
    INTERFACES
    END
    }
    [ "$1 $3 $4 $5" = "--region --output text ec2" ] || exit 2
    shift 5
    action=$1
    shift
    case $action in
    create-tags | delete-tags) ;;
    describe-network-interfaces)
      [ "$1" = --filters ] || exit 2
      address=${3#Name=*,Values=}
      interfaces | awk -v address="$address" '{ for (i = 2; i <= NF; i++) if ($i == address) print $1 }'
      ;;
    replace-route)
      [ "$1 $5" = "--route-table-id --network-interface-id" ] || exit 2
      case $3 in
      --destination-cidr-block) colon= ;;
      --destination-ipv6-cidr-block) colon=: ;;
      *) exit 2 ;;
      esac
      hop=$(interfaces | awk -v id="$6" -v colon="$colon" '$1 == id {
        for (i = 2; i <= NF; i++) if (($i ~ /:/) == (colon != "")) print $i }')
      [ -n "$hop" ] || exit 2
      ip -n NAMESPACE route replace "$4" via "$hop" proto 77
      ;;
    *) exit 2 ;;
    esac

    """#
}
