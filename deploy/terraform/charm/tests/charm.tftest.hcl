mock_provider "juju" {}

variables {
  app_name   = "tempo"
  channel    = "latest/edge"
  model_uuid = "11111111-2222-4333-8444-555555555555"
  config = {
    datasource-type = "tempo"
    datasource-url  = "http://tempo.example:3200"
  }
}

run "a_datasource" {
  command = plan

  assert {
    condition     = juju_application.crosslink.name == "tempo" && juju_application.crosslink.units == 1
    error_message = "expected one unit of tempo"
  }
}

run "on_machines" {
  command = plan
  variables {
    machines = ["0", "1"]
  }

  assert {
    condition     = length(juju_application.crosslink.machines) == 2
    error_message = "expected it on two machines"
  }
}

run "without_a_role" {
  command = plan
  variables {
    config = { grafana-uid = "main" }
  }
  expect_failures = [var.config]
}

run "a_token_in_place_of_a_secret" {
  command = plan
  variables {
    config = {
      grafana-url   = "https://grafana.example"
      grafana-token = "glsa_something"
    }
  }
  expect_failures = [var.config]
}
