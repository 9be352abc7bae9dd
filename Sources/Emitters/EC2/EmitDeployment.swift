import TopologyModel

/// Spells the `vpc.tf.json` of the deployment, a configuration of Terraform for all EC2 regions (Terraform Language, "JSON
/// Configuration Syntax"): a provider for every region, under the region's name as its alias, and a call of every region's module with it
/// ("Providers Within Modules"). Variables are those of the modules; an id that two regions share, of a peering, is one variable.
func emitTerraformDeployment(_ fleet: Fleet, into writer: inout TextWriter) {
  var json = JSONWriter()
  json.object { json in
    json.member("//") { json in
      json.string {
        $0.write("romana-compile: fabric ")
        $0.write(fleet.fabric)
        $0.write(": routes to endpoints in all EC2 regions")
      }
    }
    writeTerraformRequirements(into: &json)
    json.member("provider") { json in
      json.object { json in
        json.member("aws") { json in
          json.array { json in
            for vpc in fleet.vpcs { json.item { json in json.object { writeProvider(vpc.region, into: &$0) } } }
          }
        }
      }
    }
    writeVariables(fleet.vpcs, into: &json)
    json.member("module") { json in
      json.object { json in
        for vpc in fleet.vpcs {
          json.member({ $0.write(vpc.region) }) { json in json.object { writeCall(vpc, into: &$0) } }
        }
      }
    }
  }
  json.finish()
  writer.write(rendered: json.bytes)
}

private func writeProvider(_ region: Name, into json: inout JSONWriter) {
  json.member("alias") { json in json.string { $0.write(region) } }
  json.member("region") { json in json.string { $0.write(region) } }
}

private func writeVariables(_ vpcs: [VPCPlan], into json: inout JSONWriter) {
  // One that two regions share stands where the first has it.
  var known: Set<[UInt8]> = []
  let variables = vpcs.flatMap { vpc in vpc.terraformVariables.map { (variable: $0, region: vpc.region) } }
    .filter { variable, region in
      var name = TextWriter()
      write(variable, of: region, into: &name)
      return known.insert(name.bytes).inserted
    }
  guard !variables.isEmpty else { return }
  json.member("variable") { json in
    json.object { json in
      for (variable, region) in variables {
        writeVariable(into: &json) {
          write(variable, of: region, into: &$0)
        } description: {
          write(described: variable, of: region, into: &$0)
        }
      }
    }
  }
}

/// The inside of a module's call. The names of regions are identifiers of Terraform: see `checkCloudNames`.
private func writeCall(_ vpc: VPCPlan, into json: inout JSONWriter) {
  json.member("source") { json in
    json.string {
      $0.write("./")
      $0.write(vpc.region)
    }
  }
  json.member("providers") { json in
    json.object { json in
      json.member("aws") { json in
        json.string {
          $0.write("aws.")
          $0.write(vpc.region)
        }
      }
    }
  }
  for variable in vpc.terraformVariables {
    json.member({ write(variable, into: &$0) }) { json in
      writeReference(into: &json) { write(variable, of: vpc.region, into: &$0) }
    }
  }
}
