import TopologyModel

/// Spells `romana-routes.service` (systemd.service(5)): the packet filter and the routes at boot, and the routes again
/// after every change of a link. Routing daemons start after the discard routes are in the kernel.
func emitRoutesUnit(_ device: DevicePlan, into writer: inout TextWriter) {
  emitWatchUnit(
    device,
    WatchUnit(
      script: "routes.sh", what: "service for the static routes", description: "Routes", name: "romana-routes"),
    loadsFirewall: device.firewall != nil, into: &writer)
}
