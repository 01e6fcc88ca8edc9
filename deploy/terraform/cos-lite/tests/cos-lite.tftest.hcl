mock_provider "juju" {}

variables {
  model_uuid = "11111111-2222-4333-8444-555555555555"
}

run "a_tempo" {
  command = plan
  variables {
    tempo = "tempo"
  }

  assert {
    condition = toset(output.integrations) == toset([
      "tempo:grafana-source grafana:grafana-source",
      "prometheus:send-datasource tempo:receive-datasource",
      "loki:send-datasource tempo:receive-datasource",
    ])
    error_message = "expected the relations of tempo-overlay.yaml"
  }
}

run "a_grafana_outside_juju" {
  command = plan
  variables {
    gateway              = "grafana-gateway"
    grafana_token_secret = "grafana-token"
  }

  assert {
    condition = toset(output.integrations) == toset([
      "prometheus:grafana-source grafana-gateway:datasources",
      "loki:grafana-source grafana-gateway:datasources",
      "alertmanager:grafana-source grafana-gateway:datasources",
    ])
    error_message = "expected the relations of grafana-overlay.yaml"
  }
  assert {
    condition     = juju_access_secret.grafana_token[0].applications == toset(["grafana-gateway"])
    error_message = "expected the secret to be granted to the gateway"
  }
}

run "both" {
  command = plan
  variables {
    tempo        = "tempo"
    gateway      = "grafana-gateway"
    alertmanager = null
  }

  assert {
    condition     = length(juju_integration.crosslink) == 6
    error_message = "expected the Tempo in both Grafanas, and no Alertmanager"
  }
}

run "neither" {
  command = plan

  assert {
    condition     = length(juju_integration.crosslink) == 0
    error_message = "expected nothing"
  }
}
