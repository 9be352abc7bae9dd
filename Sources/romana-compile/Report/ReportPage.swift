import Emitters
import TopologyModel

/// One page about the whole fabric: the picture, what can run out, and every device with its addresses, routes and sessions.
///
/// The page is also well-formed XML. It has no script and loads nothing: a browser's own search finds devices, and opens what is closed.
func renderReport(_ plan: NetworkPlan) -> String {
  let topology = plan.topology
  let summary = [
    counted(topology.regions.count, "region"), counted(topology.racks.count, "rack"),
    counted(topology.hosts.count, "host"), counted(topology.tenants.count, "tenant"),
    counted(topology.networks.count, "network"),
  ].joined(separator: ", ")
  var page = """
    <!DOCTYPE html>
    <html lang="en" xmlns="http://www.w3.org/1999/xhtml">
    <head>
    <meta charset="utf-8"/>
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
    <meta name="viewport" content="width=device-width, initial-scale=1"/>
    <title>\(xml(topology.fabric.text)): report</title>
    <style>
    \(reportStyle)
    </style>
    </head>
    <body>
    <h1>\(xml(topology.fabric.text))</h1>
    <p>\(summary). Search with the browser: names, addresses and prefixes are all on this page.</p>

    """
  page += "<details open=\"open\"><summary><h2>Fabric</h2></summary>\n<div class=\"wide\">\n"
  page += drawSVG(topology, linksDevices: true) + "</div></details>\n"
  page += renderCapacities(plan.capacities())
  page += renderTenants(topology)
  page += renderDevices(plan)
  return page + "</body>\n</html>\n"
}

/// A table for each kind of resource, the fullest first.
private func renderCapacities(_ capacities: [Capacity]) -> String {
  var text = "<details open=\"open\"><summary><h2>Capacity</h2></summary>\n"
  for resource in Capacity.Resource.allCases {
    let rows = capacities.filter { $0.resource == resource }.enumerated().sorted {
      ($1.element.share, $0.offset) < ($0.element.share, $1.offset)
    }.map(\.element)
    guard let first = rows.first else { continue }
    let fullest = "fullest \(first.used) of \(first.available)"
    text +=
      "<details><summary><b>\(resource.title)</b> \(rows.count == 1 ? "" : "in \(rows.count) places, ")\(fullest)</summary>\n"
    text += "<table><tr><th>where</th><th>prefix</th><th>in use</th><th>of</th><th></th></tr>\n"
    for row in rows {
      let place = [row.place?.text, row.network.map { "\($0)" }].compactMap(\.self).joined(separator: ", ")
      let percent = Int((row.share * 100).rounded(.up))
      text +=
        "<tr><td>\(xml(place))</td><td>\(row.prefix.map { "\($0)" } ?? "")</td><td>\(row.used)</td><td>\(row.available)</td>"
        + "<td><meter min=\"0\" max=\"100\" high=\"80\" value=\"\(min(percent, 100))\">\(percent) %</meter></td></tr>\n"
    }
    text += "</table></details>\n"
  }
  return text + "</details>\n"
}

private func renderTenants(_ topology: Topology) -> String {
  var text = "<details><summary><h2>Tenants</h2></summary>\n<table>"
  text += "<tr><th>tenant</th><th>id</th><th>isolation</th><th>segments</th><th>networks</th></tr>\n"
  for tenant in topology.tenants {
    let segments = tenant.segments.map { "\($0.name) (\($0.id))" }.joined(separator: ", ")
    let networks = tenant.networks.map { topology.networks[$0].name.text }.joined(separator: ", ")
    text +=
      "<tr><td>\(xml(tenant.name.text))</td><td>\(tenant.id)</td><td>\(tenant.isolation)</td><td>\(xml(segments))</td>"
      + "<td>\(xml(networks))</td></tr>\n"
  }
  return text + "</table></details>\n"
}

private func renderDevices(_ plan: NetworkPlan) -> String {
  let topology = plan.topology
  let (shared, addresses) = (SharedFragments(plan), AddressList(plan.topology))
  let places = Dictionary(grouping: plan.devices) {
    topology.rack(of: $0.place) ?? -1 - topology.region(of: $0.place)
  }
  var text = "<h2>Devices</h2>\n"
  for (index, region) in topology.regions.enumerated() {
    text += "<details open=\"open\"><summary><h3>\(xml(region.name.text))</h3></summary>\n"
    for device in places[-1 - index] ?? [] { text += renderDevice(plan, device, addresses, shared) }
    for rack in region.racks {
      let devices = (places[rack] ?? []).sorted { $0.role != .host && $1.role == .host }
      text +=
        "<details><summary><b>\(xml(topology.racks[rack].name.text))</b> \(counted(devices.count, "device"))</summary>\n"
      for device in devices { text += renderDevice(plan, device, addresses, shared) }
      text += "</details>\n"
    }
    text += "</details>\n"
  }
  return text
}

private let reportStyle = """
  :root{color-scheme:light dark;--edge:#d0d7de;--soft:#57606a}
  @media(prefers-color-scheme:dark){:root{--edge:#3d444d;--soft:#9198a1}}
  body{font:14px/1.4 system-ui,sans-serif;margin:1.5rem;max-width:1750px}
  h1{font-size:1.5rem;margin:0}h2,h3{display:inline;font-size:1.15rem}h3{font-size:1rem}p{color:var(--soft);margin:.3rem 0 1rem}
  details{margin:.35rem 0}details details{margin-left:1rem}summary{cursor:pointer}
  .wide{overflow-x:auto}table{border-collapse:collapse;margin:.3rem 0 .6rem 1rem}
  th,td{border-bottom:1px solid var(--edge);padding:.1rem .8rem .1rem 0;text-align:left;vertical-align:top}
  th{color:var(--soft);font-weight:400}td{font-variant-numeric:tabular-nums}i{color:var(--soft);font-style:normal}
  """
