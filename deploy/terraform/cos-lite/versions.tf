terraform {
  required_version = ">= 1.5"
  required_providers {
    juju = {
      source = "juju/juju"
      # The first with model_uuid.
      version = ">= 1.0"
    }
  }
}
