/// RC0101 to RC0118: files, encodings and YAML.
let readingExplanations: [DiagnosticCode: String] = [
  .cannotRead: """
  A file that is named on the command line or under `include:` cannot be read.
  The message ends with the reason that the operating system gives. Nothing is compiled from a
  topology of which a part is missing, because devices would be taken for removed.

      wrong: romana-compile check toplogy.yaml       # no such file
      right: romana-compile check topology.yaml

  Check the path and the permissions of the file and of the folders above it.
  """,
  .isDirectory: """
  A folder stands where a file is expected.
  A topology is one YAML file, and what it names under `include:`.

      wrong: include: [racks]
      right: include: ["racks/*.yaml"]

  Name a file in the folder, or a glob that matches its files.
  """,
  .notUTF8: """
  The file is not UTF-8.
  Other encodings give one byte another meaning on every system; a name that was read wrongly would
  reach devices. The message names the line and column of the first wrong byte, or says that the file
  is UTF-16.

      iconv -f LATIN1 -t UTF-8 topology.yaml > topology-utf8.yaml

  Convert the file with `iconv` or save it as UTF-8 in the editor.
  """,
  .emptyTopology: """
  The file holds nothing, or comments only.
  Compiling it would describe a fabric without devices, so it is taken for a mistake such as a failed
  download.

      romana: 1
      fabric: paris

  Write a topology, or copy `examples/starter`. An included file that is empty on purpose can be
  removed.
  """,
  .yamlSyntax: """
  The file is not valid YAML at this place.
  The cause often stands just before the place that is shown: a bracket or quote that is not closed, a
  missing blank after `:`, or a tab in the indentation.

      wrong: asn_pool:4200000000-4200999999
      right: asn_pool: 4200000000-4200999999

  Indent with blanks, close brackets and quotes, and quote texts that begin with `*`, `&`, `!`, `%`,
  `@` or `[`.
  """,
  .severalDocuments: """
  The file holds more than one YAML document.
  A second `---` begins another document; which of the two is the fabric would be a guess.

      romana: 1
      fabric: paris
      ---                     # wrong: ends the topology here
      tenants: []

  Remove the `---`, or put the second part into a file of its own and name it under `include:`.
  """,
  .tagNotAllowed: """
  A value carries a YAML tag such as `!!int` or `!vault`.
  The language gives every key its type, so a tag can only disagree with it.

      wrong: asn: !!int 4200000001
      right: asn: 4200000001

  Remove the tag.
  """,
  .undefinedAlias: """
  An alias (`*name`) refers to an anchor (`&name`) that does not stand before it in the same file.
  Anchors do not reach into other files.

      wrong: bits: *layout                 # nothing before it says &layout
      right: bits: &layout { region: 1, rack: 3, host: 6, tenant: 5, segment: 3, endpoint: 5 }

  Move the anchor in front of the alias, or write the value out. A value that begins with `*` needs
  quotes.
  """,
  .aliasExpansion: """
  The aliases of a file expand to more than 10,000 nodes.
  Aliases of aliases can grow a file of a few lines into billions of nodes, which is a known attack on
  YAML readers.

      a: &a [x, x, x, x, x, x, x, x, x]
      b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]      # and so on

  Write the values out, put shared settings under `defaults:`, or use a range of hosts: `range:
  "h[01-40]"`.
  """,
  .nestingTooDeep: """
  Lists and mappings are nested more than 64 levels deep.
  The language needs eight levels. More is a file of brackets, by accident or to exhaust the reader.

      wrong: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[

  Check for brackets that are never closed, and that the file is a topology at all.
  """,
  .duplicateKey: """
  A key stands twice in one mapping.
  YAML readers silently keep one of the two, and not all of them the same one.

      wrong: { name: h1, id: 4, id: 5 }
      right: { name: h1, id: 5 }

  Keep one of the two. Both places are shown.
  """,
  .controlCharacter: """
  The file contains a control character, or a value does that is written as an escape such as `"\\x1b"`.
  Names and texts reach terminals and configuration files, where such a character can hide or change
  what is read.

      wrong: description: "jump\\x1bhosts"
      right: description: "jump hosts"

  Remove the character.
  """,
  .fileTooLarge: """
  The file is larger than 512 MiB.
  A topology of 100,000 hosts takes some 14 MB; a larger file is most likely not a topology.

      include: ["racks/*.yaml"]

  Check that the path is right. If it is, split the file with `include:`, one file for a rack.
  """,
  .includeMatchesNothing: """
  A pattern under `include:` matches no file.
  Going on without the files would take their racks and tenants out of the fabric.

      wrong: include: ["rack/*.yaml"]        # the folder is called racks
      right: include: ["racks/*.yaml"]

  Paths are relative to the file that includes. Remove the line if the files are gone on purpose.
  """,
  .includeCycle: """
  A file includes itself, directly or through other files.
  What it would mean twice is unclear, so every file is read once, and a cycle is an error.

      wrong: include: ["*.yaml"]             # in topology.yaml: matches topology.yaml itself
      right: include: ["racks/*.yaml"]

  Remove the include, or narrow the pattern so that it leaves the including file out.
  """,
  .keyOnlyInMainFile: """
  An included file has a key that belongs into the main file: `fabric`, `defaults` or `asn_pool`.
  These hold for the whole fabric. In an included file they would silently change the devices of other
  teams.

      # racks/rack1.yaml
      wrong: defaults: { mtu: 9000 }
      right: regions: [{ name: dc1, racks: [{ name: rack1, mtu: 9000, ... }] }]

  Move the key to the file that is named on the command line, or set it on a region, rack or host.
  """,
  .keyNotScalar: """
  A key is a list or a mapping.
  Keys of a topology are single words. Braces around a key come from templates that were not filled
  in.

      wrong: { {{ rack }}: { id: 1 } }
      right: { name: rack1, id: 1 }

  Check for a missing `:`, for brackets around the key, and for template marks.
  """,
  .byteOrderMark: """
  The file begins with a byte order mark (the bytes EF BB BF).
  UTF-8 needs none, and tools that do not expect it take it for a part of the first key.

      sed -i '1s/^\\xEF\\xBB\\xBF//' topology.yaml

  Save the file as "UTF-8 without BOM" in the editor, or remove the mark with the line above.
  """,
]
