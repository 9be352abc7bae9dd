import TopologyModel

/// Spells `romana-routes.service` (systemd.service(5)): the packet filter and the routes at boot, and the routes again
/// after every change of a link.
///
/// A device unit does not follow a cable that is pulled and put back, so the service stays and watches by itself
/// (`routes.sh --watch`). Routing daemons start after the discard routes are in the kernel. Status 3 says that a next
/// hop is missing, which the watch repairs when its link comes up.
func emitRoutesUnit(_ device: DevicePlan, into writer: inout TextWriter) {
  emitHeader(device, what: "service for the static routes", into: &writer)
  writer.write("# Install as /etc/systemd/system/romana-routes.service.\n[Unit]\nDescription=Routes of ")
  writer.write(device.name)
  writer.write(" in the fabric ")
  writer.write(device.fabric)
  writer.write(
    """

    After=network.target systemd-sysctl.service
    Before=bird.service bird6.service exabgp.service frr.service zebra.service

    [Service]
    Type=exec

    """)
  if device.firewall != nil { writer.write("ExecStartPre=/etc/romana/firewall.sh\n") }
  writer.write(
    """
    ExecStartPre=/etc/romana/routes.sh
    ExecStart=/etc/romana/routes.sh --watch
    SuccessExitStatus=3
    Restart=always
    RestartSec=10
    NoNewPrivileges=yes
    ProtectSystem=full
    ProtectHome=yes

    [Install]
    WantedBy=multi-user.target

    """)
  emitEndMarker(what: "service for the static routes", into: &writer)
}
