import TopologyModel

/// Spells what the role knows of files: where each goes, and which packages it needs.
func emitAnsibleVariables(_ fleet: Fleet, into writer: inout TextWriter) {
  let what: StaticString = "files that the role knows"
  emitHeader(fleet, what: what, into: &writer)
  writer.write("---\nromana_table:\n")
  for kind in ArtifactKind.installed {
    guard let place = kind.installation else { continue }
    writer.write("  - file: ")
    writer.write(kind.fileName)
    for (key, value) in [("target", place.target), ("owner", place.owner), ("group", place.group)]
      as [(StaticString, StaticString)]
    {
      writer.write("\n    ")
      writer.write(key)
      writer.write(": ")
      writer.write(value)
    }
    writer.write("\n    mode: \"")
    writer.write(place.mode)
    writer.write("\"\n    part: ")
    writer.write(place.part.name)
    writer.write("\n    packages: [")
    for (index, package) in place.packages.enumerated() {
      if index > 0 { writer.write(", ") }
      writer.write(package)
    }
    writer.write("]\n")
  }
  writer.write(ansibleComputed)
  emitEndMarker(what: what, into: &writer)
}

private let ansibleComputed: StaticString = """

  # The folder of the device in the output tree.
  romana_source: "{{ role_path }}/../../../{{ romana_folder }}/{{ inventory_hostname }}"

  # The files of the device in the part at hand, and those that name secrets.
  romana_rows: "{{ romana_table | selectattr('file', 'in', romana_files) | selectattr('part', 'equalto', romana_part) }}"
  romana_secret_files: "{{ romana_speaker_files if 'secrets.sh' in romana_files else [] }}"
  romana_speaker_files: [bird.conf, bird1.conf, bird1-v6.conf, exabgp.conf, frr.conf, bgpd.conf, ospfd.conf]

  """

/// Spells a handler for each part, in the order in which they are loaded; before them what is done once if anything changed.
func emitAnsibleHandlers(_ fleet: Fleet, into writer: inout TextWriter) {
  let what: StaticString = "the role: what is loaded"
  emitHeader(fleet, what: what, into: &writer)
  writer.write(ansibleFirstHandlers)
  for part in LoadedPart.allCases where part != .programs {
    writer.write("\n- name: Load ")
    writer.write(part.name)
    writer.write("\n  ansible.builtin.command: /etc/romana/apply.sh load ")
    writer.write(part.name)
    writer.write("\n  changed_when: true\n  listen: romana ")
    writer.write(part.name)
    writer.newline()
  }
  emitEndMarker(what: what, into: &writer)
}

private let ansibleFirstHandlers: StaticString = """
  ---
  - name: Let the device take the change back by itself if it is not confirmed
    ansible.builtin.command: "/etc/romana/apply.sh arm {{ romana_rollback_after }}"
    changed_when: true
    listen: romana changed

  - name: Stop and remove what a former speaker left
    ansible.builtin.command: /etc/romana/apply.sh clear
    changed_when: true
    listen: romana changed

  """

/// Used when Ansible starts in the folder of the playbook.
let ansibleConfig: StaticString = """
  [defaults]
  inventory = inventory
  roles_path = roles
  forks = 50
  retry_files_enabled = False
  display_skipped_hosts = False

  [connection]
  pipelining = True

  """

let ansibleDefaults: StaticString = """
  ---
  # Whether packages are installed.
  romana_install: true

  # More addresses that must answer from each device after a change if they did before.
  romana_probes: []

  # The device takes a change back by itself after so many seconds, should nobody confirm it: longer than a batch takes.
  romana_rollback_after: 600

  # How often, and with how many seconds between, sessions and neighbours are looked at until what was up is up again.
  romana_tries: 15
  romana_pause: 2

  # Whether, at the end, everything must be up, not only what was up before.
  romana_all_up: true

  """

let ansibleMeta: StaticString = """
  ---
  galaxy_info:
    role_name: romana
    namespace: romana
    author: romana-compile
    description: Installs the files that romana-compile wrote for a device, and takes them back if it is not well after that
    license: Apache-2.0
    min_ansible_version: "2.14"
    platforms:
      - name: Debian
        versions:
          - bookworm
  dependencies: []

  """

/// What goes wrong on a device does not end its part in the batch: the batch decides as a whole.
let ansibleTasks: StaticString = """
  ---
  - name: Begin
    ansible.builtin.set_fact:
      romana_batch: "{{ ansible_play_batch }}"
      romana_is_saved: false
      romana_is_well: false
      romana_problem: ""

  - name: Apply
    block:
      - name: Apply the files to this device
        ansible.builtin.import_tasks: apply.yml
    rescue:
      - name: Keep what went wrong for the end of the batch
        ansible.builtin.set_fact:
          romana_problem: >-
            {{ ansible_failed_task.name | default('?') }}:
            {{ ansible_failed_result.results | default([ansible_failed_result]) | selectattr('failed', 'defined')
            | selectattr('failed') | map(attribute='stderr', default='') | select | join(' ')
            | default(ansible_failed_result.msg | default('failed'), true) }}

  - name: Decide for the whole batch
    ansible.builtin.import_tasks: decide.yml

  """

let ansibleApply: StaticString = """
  ---
  - name: Install the programs that read the files
    ansible.builtin.package:
      name: "{{ romana_table | selectattr('file', 'in', romana_files) | map(attribute='packages') | flatten | unique }}"
      state: present
    when: romana_install | bool

  - name: Make the folder of the files
    ansible.builtin.file:
      path: /etc/romana
      state: directory
      owner: root
      group: root
      mode: "0755"

  - name: Make the folder of files that are still without their secrets
    ansible.builtin.file:
      path: /etc/romana/unfilled
      state: directory
      owner: root
      group: root
      mode: "0755"
    when: "'secrets.sh' in romana_files"

  - name: Copy the program that checks, keeps, loads and takes back
    ansible.builtin.copy:
      src: "{{ romana_source }}/apply.sh"
      dest: /etc/romana/apply.sh
      owner: root
      group: root
      mode: "0755"
      validate: /bin/sh -n %s

  - name: Look at sessions and neighbours
    ansible.builtin.command: "/etc/romana/apply.sh health {{ romana_probes | join(' ') }}"
    register: romana_before
    changed_when: false

  - name: Keep the files that are there
    ansible.builtin.command: /etc/romana/apply.sh save
    changed_when: false

  - name: Remember that they are kept
    ansible.builtin.set_fact:
      romana_is_saved: true

  - name: Ask which files the device has
    ansible.builtin.command: /etc/romana/apply.sh digests
    register: romana_digests
    changed_when: false
    failed_when: false
    check_mode: false

  - name: Copy what is loaded together
    ansible.builtin.include_tasks: copy.yml
    loop: "{{ romana_table | selectattr('file', 'in', romana_files) | map(attribute='part') | unique }}"
    loop_control:
      loop_var: romana_part

  - name: Look for what a former speaker left
    ansible.builtin.command: /etc/romana/apply.sh leftovers
    register: romana_leftovers
    changed_when: romana_leftovers.stdout | length > 0
    notify: romana changed

  - name: Load what changed
    ansible.builtin.meta: flush_handlers

  - name: Wait until what was up is up again
    ansible.builtin.command: "/etc/romana/apply.sh health {{ romana_probes | join(' ') }}"
    register: romana_after
    changed_when: false
    until: >-
      romana_before.stdout_lines | default([]) | select('match', 'up ') | map('regex_replace', '^up ', 'down ')
      | intersect(romana_after.stdout_lines | default([])) | length == 0
    retries: "{{ romana_tries }}"
    delay: "{{ romana_pause }}"

  - name: Remember that all is well
    ansible.builtin.set_fact:
      romana_is_well: true

  """

/// A file with the places of secrets lies beside the others; the program of the device fills it in and checks it.
let ansibleCopy: StaticString = """
  ---
  - name: "Copy {{ romana_part }}"
    ansible.builtin.copy:
      src: "{{ romana_source }}/{{ item.file }}"
      dest: "{{ item.target }}"
      owner: "{{ item.owner }}"
      group: "{{ item.group }}"
      mode: "{{ item.mode }}"
      validate: "/etc/romana/apply.sh check {{ item.file }} %s"
    loop: "{{ romana_rows | rejectattr('file', 'in', romana_secret_files) }}"
    loop_control:
      label: "{{ item.target }}"
    when: >-
      [item.file, item.mode, item.owner, item.group, lookup('file', romana_source ~ '/' ~ item.file, rstrip=false) | hash('sha256')]
      | join(' ') not in romana_digests.stdout_lines | default([])
    notify:
      - romana changed
      - "romana {{ romana_part }}"

  - name: "Copy, still without secrets, {{ romana_part }}"
    ansible.builtin.copy:
      src: "{{ romana_source }}/{{ item.file }}"
      dest: "/etc/romana/unfilled/{{ item.file }}"
      owner: root
      group: root
      mode: "0644"
    loop: "{{ romana_rows | selectattr('file', 'in', romana_secret_files) }}"
    loop_control:
      label: "{{ item.file }}"

  - name: "Fill the secrets into {{ romana_part }}"
    ansible.builtin.command: "/etc/romana/apply.sh fill {{ item.file }} /etc/romana/unfilled/{{ item.file }}"
    register: romana_filled
    changed_when: romana_filled.stdout == 'changed'
    loop: "{{ romana_rows | selectattr('file', 'in', romana_secret_files) }}"
    loop_control:
      label: "{{ item.target }}"
    notify:
      - romana changed
      - "romana {{ romana_part }}"

  """

/// A device that can't be reached any more does not say that it is well, and takes the change back by itself.
let ansibleDecide: StaticString = """
  ---
  - name: Find the devices of the batch that are not well
    ansible.builtin.set_fact:
      romana_unwell: >-
        {{ romana_batch | difference(romana_batch | map('extract', hostvars)
        | selectattr('romana_is_well') | map(attribute='inventory_hostname')) }}

  - name: Bring back what was there
    ansible.builtin.command: /etc/romana/apply.sh rollback
    changed_when: true
    when: romana_unwell | length > 0 and romana_is_saved and not ansible_check_mode

  - name: End here
    ansible.builtin.fail:
      msg: >-
        {{ 'On this device: ' ~ romana_problem ~ '. ' if romana_problem else '' }}Not well in this batch:
        {{ romana_unwell | join(', ') }}. The whole batch has its former files again.
    when: romana_unwell | length > 0

  - name: Keep the new files
    ansible.builtin.command: /etc/romana/apply.sh confirm
    changed_when: false

  """

let ansibleSettled: StaticString = """
  ---
  - name: Wait until everything is up
    ansible.builtin.command: "/etc/romana/apply.sh health {{ romana_probes | join(' ') }}"
    register: romana_after
    changed_when: false
    until: romana_after.stdout_lines | default([]) | select('match', 'down ') | length == 0
    retries: "{{ romana_tries }}"
    delay: "{{ romana_pause }}"
    when: romana_all_up | bool

  """
