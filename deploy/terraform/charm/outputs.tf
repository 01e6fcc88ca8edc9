output "app_name" {
  description = "Name of the application."
  value       = juju_application.crosslink.name
}

output "provides" {
  description = "Endpoints that provide an interface."
  value = {
    grafana_source  = "grafana-source"
    send_datasource = "send-datasource"
  }
}

output "requires" {
  description = "Endpoints that require an interface."
  value = {
    charm_tracing      = "charm-tracing"
    datasources        = "datasources"
    receive_datasource = "receive-datasource"
  }
}
