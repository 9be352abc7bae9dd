import TopologyModel

/// A script that a service runs at boot and that then watches by itself.
struct WatchUnit {
  /// Its name in /etc/romana.
  var script: StaticString
  /// What the file is, as its header says.
  var what: StaticString
  /// What it is about, as `systemctl status` says.
  var description: StaticString
  /// Without `.service`.
  var name: StaticString
  /// Whether `romana-routes.service` needs what it does.
  var isBeforeRoutes = false
}

/// Spells a service (systemd.service(5)) that runs a script at boot, and again after every change of a link.
///
/// A device unit does not follow a cable that is pulled and put back, so the service stays and watches by itself
/// (`--watch`). Routing daemons start after it. Status 3 says that something can't be done now, which the watch repairs when the
/// link comes up.
func emitWatchUnit(_ device: DevicePlan, _ unit: WatchUnit, loadsFirewall: Bool = false, into writer: inout TextWriter)
{
  emitHeader(device, what: unit.what, into: &writer)
  writer.write("# Install as /etc/systemd/system/")
  writer.write(unit.name)
  writer.write(".service.\n[Unit]\nDescription=")
  writer.write(unit.description)
  writer.write(" of ")
  writer.write(device.name)
  writer.write(" in the fabric ")
  writer.write(device.fabric)
  writer.write("\nAfter=network.target systemd-sysctl.service\nBefore=")
  if unit.isBeforeRoutes { writer.write("romana-routes.service ") }
  writer.write("bird.service bird6.service exabgp.service frr.service zebra.service\n\n[Service]\nType=exec\n")
  if loadsFirewall { writer.write("ExecStartPre=/etc/romana/firewall.sh\n") }
  writer.write("ExecStartPre=/etc/romana/")
  writer.write(unit.script)
  writer.write("\nExecStart=/etc/romana/")
  writer.write(unit.script)
  writer.write(
    """
     --watch
    SuccessExitStatus=3
    Restart=always
    RestartSec=10
    NoNewPrivileges=yes
    ProtectSystem=full
    ProtectHome=yes

    [Install]
    WantedBy=multi-user.target

    """)
  emitEndMarker(what: unit.what, into: &writer)
}

/// The part of a script's program that stays.
let watchFunction: StaticString = #"""
  # Applies after each burst of link or address changes, and once at the start. The monitor listens
  # before the first run, so that no change is missed; "timeout 1 cat" lets a burst settle and
  # swallows it. A run that failed is repeated: whatever was in the way may have gone.
  watch() {
    ip -o monitor link address | {
      echo start
      cat
    } | while read -r _; do
      timeout 1 cat >/dev/null || :
      until sh "$0" || [ $? -eq 3 ]; do sleep 30; done
    done
    fail "ip monitor ended"
  }


  """#
