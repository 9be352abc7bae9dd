/// RC0301 to RC0305: names, ids and definitions.
let nameExplanations: [DiagnosticCode: String] = [
  .duplicateName: """
  Two things of one kind have the same name.
  Networks, tenants, regions and devices (hosts, ToRs and spines together) are unique in the fabric,
  racks in their region, segments in their tenant, endpoints on their host. A device's name is the
  name of its folder of files.

      wrong: hosts: [{ name: h1 }, { name: h1 }]
      right: hosts: [{ name: h1 }, { name: h2 }]

  Choose another name. A range of hosts may make a name that is written out elsewhere.
  """,
  .caseOnlyDifference: """
  Two names differ only in upper and lower case.
  DNS takes them for one name, and some file systems for one folder, so one device would get the files
  of the other.

      wrong: hosts: [{ name: web1 }, { name: Web1 }]
      right: hosts: [{ name: web1 }, { name: web2 }]

  Choose another name.
  """,
  .undefinedName: """
  A name is used that nothing defines.
  The tenant, segment, network, region or device that is meant does not exist, in this file or in an
  included one.

      wrong: networks: [labs]               # the network is called lab
      right: networks: [lab]

  Follow the suggestion, or define what is missing.
  """,
  .duplicateID: """
  Two siblings have the same id.
  Ids are bits of addresses: hosts of a rack, racks of a region or tenants with one id would share
  their addresses.

      wrong: hosts: [{ name: h1, id: 1 }, { name: h2, id: 1 }]
      right: hosts: [{ name: h1, id: 1 }, { name: h2, id: 2 }]

  Choose another id, or leave it out: the compiler then gives the lowest free one and records it in
  the lock file.
  """,
  .splitDefinition: """
  Two files describe one region.
  A region may be continued in an included file, which names it and adds racks, spines and links. Its
  own settings (`id`, `kind`, `link_pool`, `protocol` and so on) stand in one file only, so that there
  is one place to look.

      # racks/rack1.yaml
      wrong: regions: [{ name: dc1, protocol: static, racks: [...] }]
      right: regions: [{ name: dc1, racks: [...] }]

  Keep the settings in one of the two files.
  """,
]
