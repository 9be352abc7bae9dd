import Emitters
import Glibc
import Testing
import TopologyModel

@testable import romana_compile

/// A topology for tests: racks `r1`…, each with `hostsPerRack` hosts `r1-h1`…, a ToR `r1-tor` and two spines.
struct TestTopology {
  /// Stands in the first line of every file, so another name changes all of them.
  var fabric = "paris"
  var racks = 2
  var hostsPerRack = 3
  /// The host that is drained, if any: that changes its files and those of its ToR.
  var drained: String?
  /// A comment: changes the digest of the topology and nothing else.
  var comment = ""

  var text: String {
    var text = """
      # \(comment)
      romana: 1
      fabric: \(fabric)
      networks:
        - name: pods
          cidr: 10.0.0.0/8
          bits: { region: 0, rack: 6, host: 6, tenant: 4, segment: 2, endpoint: 6 }
      tenants:
        - name: acme
          segments: [web, db]
      regions:
        - name: dc1
          link_pool: 172.31.0.0/16
          spines:
            - { name: spine1, loopback: 192.0.2.201 }
            - { name: spine2, loopback: 192.0.2.202 }
          racks:

      """
    for rack in 1...racks {
      text += """
              - name: r\(rack)
                subnet: 172.16.\(rack).0/24
                tors: [{ name: r\(rack)-tor, loopback: 192.0.2.\(rack) }]
                hosts:

        """
      for host in 1...hostsPerRack {
        let name = "r\(rack)-h\(host)"
        text += "          - { name: \(name)\(name == drained ? ", state: drained" : "") }\n"
      }
    }
    return text
  }
}

/// A folder with a topology in it, and the tree that is compiled from it.
struct Workshop {
  let folder: TestFolder

  init(_ topology: TestTopology = TestTopology(), in above: String = "/tmp") throws {
    folder = try TestFolder(in: above)
    try change(to: topology)
  }

  var topology: String { "\(folder.path)/topology.yaml" }
  var out: String { "\(folder.path)/out" }

  /// Writes another topology, which has the ids that it would have without a lock file.
  func change(to topology: TestTopology) throws {
    unlink("\(folder.path)/topology.lock.yaml")
    try folder.write(topology.text, to: "topology.yaml")
  }

  /// Runs `romana-compile build`.
  @discardableResult
  func build(_ options: [String] = []) throws -> FinishedProgram {
    try runProgram(compiler(), ["build", topology, "-o", out] + options)
  }

  /// Starts a build and waits until its new tree has begun to grow, or the run has ended.
  func startBuildAndWait() throws -> RunningProgram {
    let run = try startBuild()
    while access("\(folder.path)/.out.romana-staging", F_OK) != 0 && run.isRunning { usleep(200) }
    return run
  }

  func startBuild() throws -> RunningProgram {
    try RunningProgram(compiler(), ["build", topology, "-o", out])
  }

  /// What `sha256sum -c` has to complain about, files that the list lacks included; empty if the tree is whole.
  func complaints(about tree: String? = nil) throws -> String {
    let script = """
      cd "$1" || exit
      sha256sum -c --quiet --strict MANIFEST.sha256 2>&1
      LC_ALL=C sort -c -k 2 MANIFEST.sha256 2>&1
      find . -type f ! -path ./MANIFEST.sha256 -printf '%P\\n' | LC_ALL=C sort > ../found
      cut -c 67- MANIFEST.sha256 | diff - ../found
      """
    return try runProgram("sh", ["-c", script, "sh", tree ?? out]).output
  }

  /// For every file and folder below the tree: what tells whether it was touched.
  func snapshot() throws -> [String: String] {
    var result: [String: String] = [:]
    let found = try runProgram("find", [out, "-printf", "%P %i %T@ %C@ %m\n"])
    for line in found.output.split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
      result[String(parts[0])] = String(parts[1])
    }
    return result
  }

  /// The inode of every file.
  func inodes() throws -> [String: String] {
    try snapshot().mapValues { String($0.split(separator: " ")[0]) }
  }

  /// The plan of the topology, for tests that call the functions behind the commands.
  func plan() throws -> (plan: NetworkPlan, shared: SharedFragments, identity: TreeIdentity) {
    var sources = SourceMap()
    var diagnostics = Diagnostics()
    let document = try #require(loadTopology(topology, into: &sources, &diagnostics))
    let resolved = try #require(resolveTopology(document, lock: nil, &diagnostics))
    let plan = NetworkPlan(resolved.topology)
    let identity = TreeIdentity(
      compilerVersion: "0.0.0", fabric: plan.topology.fabric, topologyDigest: SHA256Digest(of: []).hex)
    return (plan, SharedFragments(plan), identity)
  }

  /// Publishes in this process.
  func publish(_ options: PublishOptions, scope: TreeScope = .fabric) throws -> PublishSummary {
    let (plan, shared, identity) = try plan()
    var options = options
    options.handlesSignals = false
    return try publishTree(plan, shared: shared, scope: scope, identity: identity, to: out, options: options)
  }
}

/// The compiler that was built with the tests: it lies beside them.
func compiler() throws -> String {
  let target = try runProgram("readlink", ["/proc/\(getpid())/exe"]).output
  let folder = try #require(target.split(separator: "\n").first).split(separator: "/").dropLast()
  return "/" + folder.joined(separator: "/") + "/romana-compile"
}
