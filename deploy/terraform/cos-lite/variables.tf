variable "model_uuid" {
  description = "UUID of the model that COS Lite and crosslink are in."
  type        = string
}

variable "tempo" {
  description = "Application of crosslink that is a Tempo; null for none."
  type        = string
  default     = null
}

variable "gateway" {
  description = "Application of crosslink that is the gateway of a Grafana outside Juju; null for none."
  type        = string
  default     = null
}

variable "grafana_token_secret" {
  description = "Name of the Juju secret with the token of that Grafana, to be granted to the gateway; null for none."
  type        = string
  default     = null
}

variable "grafana" {
  description = "Application of COS Lite that is its Grafana."
  type        = string
  default     = "grafana"
}

variable "prometheus" {
  description = "Application of COS Lite that is its Prometheus; in COS, its Mimir."
  type        = string
  default     = "prometheus"
}

variable "loki" {
  description = "Application of COS Lite that is its Loki."
  type        = string
  default     = "loki"
}

variable "alertmanager" {
  description = "Application of COS Lite that is its Alertmanager; null to leave it out of the Grafana outside Juju."
  type        = string
  default     = "alertmanager"
}
