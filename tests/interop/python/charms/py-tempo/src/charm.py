"""Tempo as far as its relation `tracing` goes: the charm library's provider, used as tempo-coordinator-k8s uses it."""

import ops
from ops_tracing.vendor.charms.tempo_coordinator_k8s.v0.tracing import TracingEndpointProvider


class Tempo(ops.CharmBase):
    """Publishes receivers for what is asked for, on every hook, as the coordinator does."""

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        self.tracing = TracingEndpointProvider(self)
        framework.observe(self.tracing.on.request, self.publish)
        framework.observe(self.on.config_changed, self.publish)

    def publish(self, _event: ops.EventBase):
        """Only the leader may."""
        if not self.unit.is_leader():
            return
        requested = sorted(self.tracing.requested_protocols())
        self.tracing.publish_receivers([(protocol, str(self.config["url"])) for protocol in requested])


if __name__ == "__main__":
    ops.main(Tempo)
