/// RC0119 to RC0121 and RC0550 to RC0554: local additions and secrets.
let localExplanations: [DiagnosticCode: String] = [
  .insertionUnreadable: """
  The file of a local addition can't be used.
  It does not exist, can't be read, is not a plain file or is larger than 64 KiB. Its path is relative
  to the file that names it.

      wrong: insertions: [{ point: bird.conf/v1/after, file: acme.conf, role: host }]
      right: insertions: [{ point: bird.conf/v1/after, file: local/acme.conf, role: host }]

  Correct the path, or create the file.
  """,
  .insertionPath: """
  The path of a local addition leads away from the topology.
  An addition is a part of the topology, so its file is beside it, where it is reviewed and versioned:
  no absolute path, no `..`, no symbolic link that leads elsewhere, and names of letters, digits,
  `-`, `_` and `.` only, since the path is written into the files.

      wrong: file: /etc/bird/acme.conf
      right: file: local/acme.conf

  Copy the file into a folder beside the topology.
  """,
  .invalidInsertion: """
  The text of a local addition can't go into a file.
  It must be lines of UTF-8, each with a line feed at its end, without characters that can't be seen
  (tabs are allowed). No line may hold the name of the compiler: the compiler's marks do.

      wrong: # romana-compile: end of BGP speaker
      right: # our own protocols end here

  Correct the file at the place that is named.
  """,
  .clearTextSecret: """
  A secret stands in the topology.
  Topologies and output trees are read by many and kept in version control, so both hold names of
  secrets only. A device's `secrets.sh` fills them in from /etc/romana/secrets.
  The line is not printed, since the messages of a build are kept too.

      wrong: defaults: { password: "s3cret!" }
      right: defaults: { secret: fabric-hosts }

  Name the secret, put it on the devices, and choose a new one: this one is no longer secret.
  """,
  .secretWithoutSession: """
  A secret protects nothing.
  `secret` authenticates the sessions of a host and its ToR, `fabric_secret` those of ToRs and spines.
  With `protocol: static`, or without spines, there are none.

      wrong: hosts: [{ name: h1, protocol: static, secret: fabric-hosts }]
      right: hosts: [{ name: h1, secret: fabric-hosts }]

  Remove the secret, or use a routing protocol.
  """,
  .unknownInsertionPoint: """
  An insertion point does not exist.
  A point is named FILE/VERSION/PLACE. Routing daemons' files and `sysctl.conf` have some; programs
  and packet filters have none. The page on insertions lists them all.

      wrong: point: bird.conf/after
      right: point: bird.conf/v1/after

  Follow the suggestion, or choose a point from the list.
  """,
  .insertionWithoutPlace: """
  A device does not have the point of a local addition.
  Which files a device has depends on its speaker, system and protocol. A device that is named under
  `devices` must have the file; of racks, networks and roles at least one device must.

      wrong: { point: bird.conf/v1/after, file: local/acme.conf, devices: [h1] }   # h1: frr
      right: { point: frr.conf/v1/after, file: local/acme.conf, devices: [h1] }

  Choose a point that the device has, or remove the addition.
  """,
  .insertionTwice: """
  A device gets one local addition twice at one point.
  Several additions at a point are fine and stand in the order of the topology, but the same text
  twice is a mistake: most daemons refuse a second definition of a thing.

      wrong: insertions:
               - { point: bird.conf/v1/after, file: local/acme.conf, role: host }
               - { point: bird.conf/v1/after, file: local/acme.conf, devices: [h1] }

  Remove one of the two, or narrow their devices.
  """,
]
