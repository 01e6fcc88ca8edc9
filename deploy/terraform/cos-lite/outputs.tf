output "grafana_token_uri" {
  description = "For the option grafana-token of the gateway; null without grafana_token_secret."
  value       = one([for secret in data.juju_secret.grafana_token : "secret:${secret.secret_id}"])
}

output "integrations" {
  description = "Each relation that was made, as provider:endpoint requirer:endpoint."
  value = [
    for it in merge(local.of_tempo, local.of_gateway) : "${it[0]}:${it[1]} ${it[2]}:${it[3]}"
  ]
}
