import Emitters
import TopologyModel

/// A device of the report: closed it says its name and addresses, open all else.
func renderDevice(
  _ plan: NetworkPlan, _ device: DeviceReference, _ list: AddressList, _ shared: SharedFragments
) -> String {
  let own = plan.plan(device)
  let addresses = list[device]
  var text = "<details><summary>\(xml(device.name.text)) <i>\(device.role.name)"
  text += addresses.prefix(2).map { " \($0.address)" }.joined() + "</i></summary>\n"
  // Inside, since a browser that is led here opens what is around it.
  text += "<div id=\"d-\(xml(device.name.text))\"></div>\n"
  text += table(
    ["address", "what"],
    addresses.map {
      [$0.address, ([$0.meaning, $0.network, $0.tenant, $0.segment].filter { !$0.isEmpty }).joined(separator: ", ")]
    })
  text += table(["route", "way", "for"], own.routes.map { ["\($0.prefix)", $0.target.text, $0.purpose.text] })
  text += table(["session with", "address", "AS", "watched by"], sessions(own))
  text += table(
    ["file", "lines"], files(own, shared).map { ["\(own.role.folder)/\(own.name)/\($0.name)", "\($0.lines)"] })
  return text + "</details>\n"
}

/// Nothing where there are no rows.
private func table(_ head: [String], _ rows: [[String]]) -> String {
  if rows.isEmpty { return "" }
  let cells = rows.map { "<tr>" + $0.map { "<td>\(xml($0))</td>" }.joined() + "</tr>\n" }.joined()
  return "<table><tr>" + head.map { "<th>\($0)</th>" }.joined() + "</tr>\n\(cells)</table>\n"
}

private func sessions(_ device: DevicePlan) -> [[String]] {
  let bgp = (device.bgp?.sessions ?? []).map { session in
    [
      session.neighbor.text, session.neighborAddress.map { "\($0)" } ?? session.interface?.text ?? "",
      "\(session.neighborASN)", session.bfd ? "BFD" : "hold time",
    ]
  }
  let ospf = (device.ospf?.interfaces ?? []).map {
    [$0.neighbor.text, $0.name.text, "OSPF area \($0.area)", $0.bfd ? "BFD" : "dead interval"]
  }
  return bgp + ospf
}

private func files(_ device: DevicePlan, _ shared: SharedFragments) -> [(name: String, lines: Int)] {
  device.artifacts.map { kind in
    ("\(kind.fileName)", shared.bytes(kind, of: device).count { $0 == UInt8(ascii: "\n") })
  }.sorted { $0.name < $1.name }
}
