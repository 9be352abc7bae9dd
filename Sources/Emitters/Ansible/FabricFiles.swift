import TopologyModel

/// How a file of the fabric as a whole is named, spelled and described in the manifest.
extension FabricFile {
  /// Inside the output tree.
  package var path: StaticString {
    switch self {
    case .ansibleConfig: "ansible/ansible.cfg"
    case .ansibleInventory: "ansible/inventory/hosts.yml"
    case .ansibleSite: "ansible/site.yml"
    case .ansibleDefaults: "ansible/roles/romana/defaults/main.yml"
    case .ansibleVariables: "ansible/roles/romana/vars/main.yml"
    case .ansibleMeta: "ansible/roles/romana/meta/main.yml"
    case .ansibleTasks: "ansible/roles/romana/tasks/main.yml"
    case .ansibleApply: "ansible/roles/romana/tasks/apply.yml"
    case .ansibleCopy: "ansible/roles/romana/tasks/copy.yml"
    case .ansibleDecide: "ansible/roles/romana/tasks/decide.yml"
    case .ansibleSettled: "ansible/roles/romana/tasks/settled.yml"
    case .ansibleHandlers: "ansible/roles/romana/handlers/main.yml"
    case .terraform: "ec2/vpc.tf.json"
    }
  }

  /// The format's name in the manifest.
  package var format: StaticString {
    switch self {
    case .ansibleConfig: "ansible-config"
    case .ansibleInventory: "ansible-inventory"
    case .terraform: "terraform-json"
    default: "ansible"
    }
  }
}

/// Spells one file of the fabric as a whole.
package func emit(_ file: FabricFile, of fleet: Fleet, into writer: inout TextWriter) {
  switch file {
  case .ansibleConfig: emitAnsible(fleet, "settings of Ansible", ansibleConfig, into: &writer)
  case .ansibleInventory: emitAnsibleInventory(fleet, into: &writer)
  case .ansibleSite: emitAnsibleSite(fleet, into: &writer)
  case .ansibleDefaults: emitAnsible(fleet, "defaults of the role", ansibleDefaults, into: &writer)
  case .ansibleVariables: emitAnsibleVariables(fleet, into: &writer)
  case .ansibleMeta: emitAnsible(fleet, "description of the role", ansibleMeta, into: &writer)
  case .ansibleTasks: emitAnsible(fleet, "the role: a device in its batch", ansibleTasks, into: &writer)
  case .ansibleApply: emitAnsible(fleet, "the role: one device", ansibleApply, into: &writer)
  case .ansibleCopy: emitAnsible(fleet, "the role: one part", ansibleCopy, into: &writer)
  case .ansibleDecide: emitAnsible(fleet, "the role: the end of a batch", ansibleDecide, into: &writer)
  case .ansibleSettled: emitAnsible(fleet, "the role: after all batches", ansibleSettled, into: &writer)
  case .ansibleHandlers: emitAnsibleHandlers(fleet, into: &writer)
  case .terraform: emitTerraformDeployment(fleet, into: &writer)
  }
}

/// The first line of a file of the fabric as a whole.
func emitHeader(_ fleet: Fleet, what: StaticString, into writer: inout TextWriter) {
  writer.write("# romana-compile: fabric ")
  writer.write(fleet.fabric)
  writer.write(": ")
  writer.write(what)
  writer.newline()
}

private func emitAnsible(
  _ fleet: Fleet, _ what: StaticString, _ text: StaticString, into writer: inout TextWriter
) {
  emitHeader(fleet, what: what, into: &writer)
  writer.write(text)
  emitEndMarker(what: what, into: &writer)
}
