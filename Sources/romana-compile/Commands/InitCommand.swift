import ArgumentParser
import SystemPackage
import TopologyModel

#if canImport(Glibc)
  import Glibc
#endif

struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Write a commented topology to start from.",
    discussion: "It compiles as it is. A file that exists is left alone.")

  @Argument(help: "The file to write; '-' prints to standard output.", completion: .file(extensions: ["yaml", "yml"]))
  var file = "topology.yaml"

  func run() throws {
    let bytes = Array("\(starterTopology)".utf8)
    guard file != "-" else { return writeText("\(starterTopology)", to: .standardOutput) }
    // Created only if the name is free: looking first would leave a moment in which another could take it.
    do {
      let descriptor = try FileDescriptor.open(
        FilePath(file), .writeOnly, options: [.create, .exclusiveCreate],
        permissions: [.ownerReadWrite, .groupRead, .otherRead])
      _ = try descriptor.closeAfter { try descriptor.writeAll(bytes) }
    } catch {
      let code = error as? Errno ?? .ioError
      var failure = PublishError("create", file, code)
      if code == .fileExists { failure.help = ["name another file, or '-' to look at it"] }
      throw report(failure)
    }
    writeText("\(file) written; next: romana-compile check \(file)\n", to: .standardOutput)
  }
}

/// What `init` writes: every part that most fabrics have, with what to choose.
private let starterTopology: StaticString = """
  # A fabric of two racks. Change the names and prefixes; `romana-compile check` says what is wrong, and where.
  # For an editor that completes keys: romana-compile schema > romana.schema.json, and as the first line of this file
  # "yaml-language-server: $schema=romana.schema.json" in a comment.
  romana: 1                            # the version of the language
  fabric: example                      # names the outputs

  # What holds for every host unless a region, rack or host says otherwise.
  defaults:
    speaker: bird                      # bird, bird1, exabgp, frr, quagga, or none with protocol: static
    protocol: bgp                      # bgp, ospf or static
    interface: eth0                    # the host's link to its ToR
    endpoint_interface: "ep+"          # the interfaces of endpoints (VMs, pods); + stands for the rest of the name
    default_route: none                # none: only the endpoint networks go to the ToR; own: the default route too
    firewall: { backend: iptables, mode: own }   # nft; share leaves the table to others

  # The addresses of endpoints. The bits say where an endpoint is and whose it is; with those of the prefix they add up to 32.
  networks:
    - name: pods
      cidr: 10.0.0.0/12
      bits: { region: 1, rack: 3, host: 5, tenant: 4, segment: 3, endpoint: 4 }

  # Endpoints of one segment talk to each other, wherever they are; everything else is closed until a policy opens it.
  tenants:
    - name: acme
      segments: [web, db]
    - name: tools
      isolation: tenant                # all segments of this tenant talk
      egress: deny                     # no connections to addresses outside of the fabric
      segments: [ci]

  policies:
    - name: web-to-db
      from: { tenant: acme, segment: web }
      to: { tenant: acme, segment: db }
      allow: [tcp/5432]
    - name: operators
      from: { cidr: 192.0.2.128/25 }
      to: { tenant: acme }
      allow: [tcp/22, icmp]

  regions:
    - name: dc1
      link_pool: 172.31.0.0/24         # a /31 for every link of a ToR and a spine
      spines:
        - { name: spine1, loopback: 192.0.2.1 }
        - { name: spine2, loopback: 192.0.2.2 }
      racks:
        - name: rack1
          subnet: 172.16.1.0/26        # a /31 a host: the ToR has the even address, the host the odd one
          tors: [{ name: tor1, loopback: 192.0.2.11 }]
          hosts:
            - name: h1
              endpoints:               # optional: endpoints that are known in advance
                - { name: vm1, tenant: acme, segment: web, id: 3, interface: ep-vm1 }
            - { name: h2, speaker: frr }
            - { range: "h[03-08]" }    # h03 to h08
        - name: rack2
          subnet: 172.16.2.0/26
          tors: [{ name: tor2, loopback: 192.0.2.12 }]
          hosts:
            - { range: "h[09-16]" }
            - { name: h17, state: drained }   # keeps its ids and files, and announces nothing

  """
