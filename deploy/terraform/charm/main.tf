resource "juju_application" "crosslink" {
  name        = var.app_name
  model_uuid  = var.model_uuid
  config      = var.config
  constraints = var.constraints
  machines    = var.machines
  # Juju counts the machines where there are any.
  units = var.machines == null ? var.units : null

  charm {
    name     = var.charm_name
    base     = var.base
    channel  = var.channel
    revision = var.revision
  }
}
