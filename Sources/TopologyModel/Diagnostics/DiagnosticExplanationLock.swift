/// RC0601 to RC0606: the lock file.
let lockExplanations: [DiagnosticCode: String] = [
  .lockOutOfDate: """
  The lock file would change, but `--locked` forbids it.
  With `--locked`, as CI uses it, everything that the compiler chooses must have been recorded and
  reviewed before. The topology has something new, something was removed or renamed, or the lock file
  was not committed.

      romana-compile lock topology.yaml && git add topology.lock.yaml

  Run `lock` or `build` without `--locked`, look at the difference and put the lock file into version
  control.
  """,
  .wouldRenumber: """
  The change would move ids, links or prefixes that are in use.
  Every address below them would change on running devices. The lock file records what was given out,
  and nothing in it moves by itself: an explicit id that differs from it, a group of prefixes that
  grew past its power of two, or a link that is no longer in its pool stops the build.

      wrong: { name: rack3, id: 7 }          # the lock file has 2
      right: { name: rack3, id: 2 }

  Undo the change, or build with `--renumber` if the devices may be renumbered. `capacity:` carves
  room for growth.
  """,
  .lockUnreadable: """
  The lock file is damaged.
  It was cut off, edited by hand or merged wrongly. Going on without it would choose every id anew and
  renumber devices.

      git checkout topology.lock.yaml

  Restore it from version control. After a merge conflict take one side whole and run `romana-compile
  lock`.
  """,
  .idReserved: """
  An explicit id belongs to something that was removed.
  Devices and endpoints may still use its addresses, so the id is kept until somebody says that they
  are gone.

      wrong: { name: h9, id: 4 }             # h4, which had the id 4, was removed
      right: { name: h9, id: 8 }

  Choose another id, or run `romana-compile lock --prune` once no device uses the old one.
  """,
  .renamedFromExists: """
  `renamed_from` gives a former name that something still has.
  The id can be kept by one of the two only: a rename takes it from the old name.

      wrong: hosts: [{ name: h1 }, { name: h2, renamed_from: h1 }]
      right: hosts: [{ name: h2, renamed_from: h1 }]

  Remove `renamed_from:`, or the thing that has the old name.
  """,
  .lockOfOtherFabric: """
  The lock file belongs to a fabric of another name.
  It was copied, or `--lock` names the wrong file. Using it would give this fabric the ids of the
  other one.

      romana-compile build topology.yaml --lock paris.lock.yaml -o out

  Name the right file with `--lock`. If the fabric itself was renamed, change `fabric:` in the lock
  file too.
  """,
]
