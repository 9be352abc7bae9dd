/// Where devices stand.
extension Topology {
  /// Index of the rack that a device stands in; spines, upstreams and VPCs stand in none.
  package func rack(of place: DeviceReference.Place) -> Int? {
    switch place {
    case .host(let host): hosts[host].rack
    case .tor(let rack, _): rack
    case .spine, .upstream, .vpc: nil
    }
  }

  /// Index of the region that a device is in.
  package func region(of place: DeviceReference.Place) -> Int {
    switch place {
    case .host(let host): racks[hosts[host].rack].region
    case .tor(let rack, _): racks[rack].region
    case .spine(let region, _), .upstream(let region, _), .vpc(let region): region
    }
  }

  /// `region/rack`: the name of a rack is unique in its region only.
  package func path(ofRack rack: Int) -> String { "\(regions[racks[rack].region].name)/\(racks[rack].name)" }

  /// `region/rack`, or the region alone.
  package func path(of place: DeviceReference.Place) -> String {
    rack(of: place).map(path(ofRack:)) ?? regions[region(of: place)].name.text
  }
}
