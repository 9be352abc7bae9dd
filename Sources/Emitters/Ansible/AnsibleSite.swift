import TopologyModel

/// Spells `site.yml`: a play for each step, in order; the first device of a rack goes alone, then the rest of the rack.
/// A batch that fails ends the run (Ansible User Guide, "Controlling playbook execution": `serial`).
func emitAnsibleSite(_ fleet: Fleet, into writer: inout TextWriter) {
  let what: StaticString = "playbook"
  emitHeader(fleet, what: what, into: &writer)
  writer.write(siteIntroduction)
  writer.write("---\n")
  for step in fleet.steps { emitPlay(step, into: &writer) }
  if !fleet.steps.isEmpty { writer.write(settledPlay) } else { writer.write("[]\n") }
  emitEndMarker(what: what, into: &writer)
}

private func emitPlay(_ step: RolloutStep, into writer: inout TextWriter) {
  writer.write("- name: \"")
  writer.write(step.role == .host ? "Hosts" : step.role == .tor ? "ToRs" : "Spines")
  writer.write(" of ")
  writer.write(step.region)
  if let rack = step.rack {
    writer.write(", ")
    writer.write(rack)
  }
  writer.write("\"\n  hosts: \"")
  if let rack = step.rack {
    writer.write(rack)
    writer.write(":&")
  }
  writer.write(step.region)
  writer.write(":&")
  writer.write(GroupName.devices(step.role))
  writer.write(":&")
  writer.write(GroupName.managed)
  writer.write("\"\n")
  writer.write(step.role == .host ? "  serial: [1, \"100%\"]\n" : "  serial: 1\n")
  writer.write("  gather_facts: false\n  become: true\n  roles:\n    - role: romana\n\n")
}

private let siteIntroduction: StaticString = """
  #
  #   cd ansible
  #   ansible-playbook site.yml --check --diff     what would change
  #   ansible-playbook site.yml                    rack by rack, one host first
  #   ansible-playbook site.yml --limit rack_rack1

  """

private let settledPlay: StaticString = """
  - name: "Everything is up"
    hosts: romana_managed
    gather_facts: false
    become: true
    tasks:
      - name: Look at sessions and neighbours
        ansible.builtin.include_role:
          name: romana
          tasks_from: settled.yml

  """
