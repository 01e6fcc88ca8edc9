variable "app_name" {
  description = "Name of the application. It stands in the names that its datasources have in Grafana."
  type        = string
}

variable "base" {
  description = "What the units run on: ubuntu@24.04 or ubuntu@22.04."
  type        = string
  default     = "ubuntu@24.04"
}

variable "channel" {
  description = "Channel on Charmhub that the charm is taken from."
  type        = string
}

variable "charm_name" {
  description = "Name under which the charm is on Charmhub."
  type        = string
  default     = "crosslink"
}

variable "config" {
  description = "Config options, all of them as strings; for one of type secret, the URI of the secret."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(setintersection(keys(var.config), ["grafana-url", "datasource-type"])) > 0
    error_message = "Set grafana-url, or datasource-type and datasource-url: without, the application has no role."
  }
  validation {
    condition     = contains(keys(var.config), "datasource-type") == contains(keys(var.config), "datasource-url")
    error_message = "Set datasource-type and datasource-url together, or neither."
  }
  validation {
    condition = alltrue([
      for option in ["grafana-token", "secure-json-data"] : startswith(lookup(var.config, option, "secret:"), "secret:")
    ])
    error_message = "grafana-token and secure-json-data take the URI of a Juju secret, never its content."
  }
}

variable "constraints" {
  description = "Constraints of the application, such as arch=arm64."
  type        = string
  default     = "arch=amd64"
}

variable "machines" {
  description = "Machines to put a unit on, one each, in place of units. Not on Kubernetes."
  type        = set(string)
  default     = null
}

variable "model_uuid" {
  description = "UUID of the model to deploy to."
  type        = string
}

variable "revision" {
  description = "Revision of the charm; the newest in the channel when null."
  type        = number
  default     = null
}

variable "units" {
  description = "How many units."
  type        = number
  default     = 1
}
