locals {
  # Each as [provider, its endpoint, requirer, its endpoint].
  of_tempo = var.tempo == null ? {} : {
    "tempo-grafana"    = [var.tempo, "grafana-source", var.grafana, "grafana-source"]
    "tempo-prometheus" = [var.prometheus, "send-datasource", var.tempo, "receive-datasource"]
    "tempo-loki"       = [var.loki, "send-datasource", var.tempo, "receive-datasource"]
  }
  of_gateway = var.gateway == null ? {} : {
    for name in compact([var.prometheus, var.loki, var.alertmanager, var.tempo]) :
    "gateway-${name}" => [name, "grafana-source", var.gateway, "datasources"]
  }
}

resource "juju_integration" "crosslink" {
  for_each   = merge(local.of_tempo, local.of_gateway)
  model_uuid = var.model_uuid

  application {
    name     = each.value[0]
    endpoint = each.value[1]
  }
  application {
    name     = each.value[2]
    endpoint = each.value[3]
  }
}

# Only looked up: a secret that Terraform made would stand in its state.
data "juju_secret" "grafana_token" {
  count      = var.grafana_token_secret == null ? 0 : 1
  model_uuid = var.model_uuid
  name       = var.grafana_token_secret
}

resource "juju_access_secret" "grafana_token" {
  count        = var.grafana_token_secret == null || var.gateway == null ? 0 : 1
  model_uuid   = var.model_uuid
  applications = [var.gateway]
  secret_id    = data.juju_secret.grafana_token[0].secret_id
}
