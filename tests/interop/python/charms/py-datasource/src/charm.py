"""A datasource as Canonical's Python charms are one: the same libraries, the same bytes on the wire.

The exchange and the correlation are the libraries' own. The registration with Grafana is written anew from what
the charm library `grafana_source` was seen to write: v0 is 0.29, v1 is 1.0.
"""

import json

import ops
from coordinated_workers.telemetry_correlation import TelemetryCorrelation
from cosl.interfaces.datasource_exchange import DatasourceExchange
from cosl.reconciler import all_events, observe_events


def tags(*keys):
    """Tags of a correlation, each mapped to a label of the same name."""
    return [{"key": key, "value": ""} for key in keys]


class Datasource(ops.CharmBase):
    """Reconciles on every hook, as the coordinators do."""

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        self.exchange = DatasourceExchange(
            self, provider_endpoint="send-datasource", requirer_endpoint="receive-datasource"
        )
        self.type = str(self.config["datasource-type"])
        self.generation = str(self.config["generation"])
        observe_events(self, all_events, self.reconcile)
        framework.observe(self.on.show_exchange_action, self.show_exchange)

    @property
    def registrations(self):
        """Live relations with a Grafana."""
        return [relation for relation in self.model.relations["grafana-source"] if relation.app]

    @property
    def url(self) -> str:
        """Where Grafana reaches this unit."""
        return str(self.config["datasource-url"]).format(
            app=self.app.name, model=self.model.name, unit=self.unit.name.split("/")[1]
        )

    def reconcile(self):
        """Say everything again; what is the same changes nothing."""
        for relation in self.registrations:
            self.register(relation)
        if self.unit.is_leader():
            self.exchange.publish(self.own_datasources())
        self.unit.status = ops.ActiveStatus()

    def register(self, relation: ops.Relation):
        """Write what `grafana_source` writes."""
        if self.unit.is_leader():
            bag = relation.data[self.app]
            bag["grafana_source_data"] = json.dumps(
                {
                    "model": self.model.name,
                    "model_uuid": self.model.uuid,
                    "application": self.app.name,
                    "type": self.type,
                    "extra_fields": self.extra_fields() or None,
                    "secure_extra_fields": self.secure_extra_fields() or None,
                }
            )
            # v0 does not know the key, and so does not take it away after a downgrade either.
            if self.generation != "v0":
                bag["grafana_source_app_host"] = self.url if self.generation == "v1-app" else ""
        silent = self.generation == "v1-app" or (
            self.generation == "v0" and self.config["ingress-per-app"] and not self.unit.is_leader()
        )
        relation.data[self.unit]["grafana_source_host"] = "" if silent else self.url

    def own_datasources(self):
        """The loop that every charm has: it reads `datasource_uids` and nothing else (`get_source_uids`)."""
        uids = {}
        for relation in self.registrations:
            bag = relation.data[relation.app]
            if grafana_uid := bag.get("grafana_uid"):
                uids[grafana_uid] = json.loads(bag.get("datasource_uids", "{}"))
        return [
            {"type": self.type, "uid": uid, "grafana_uid": grafana_uid}
            for grafana_uid, by_unit in uids.items()
            for uid in by_unit.values()
        ]

    def secure_extra_fields(self):
        """The tenant of Mimir and Loki."""
        tenant = self.config["tenant"]
        return {"httpHeaderValue1": tenant} if tenant else {}

    def extra_fields(self):
        """`jsonData`, dollars doubled for the provisioning file."""
        header = {"httpHeaderName1": "X-Scope-OrgID"} if self.config["tenant"] else {}
        if self.type == "tempo":
            correlations = self.from_traces()
            return {**header, **({"httpMethod": "GET", **correlations} if correlations else {})}
        if self.type == "loki":
            return {**header, **self.from_logs()}
        return header

    def from_traces(self):
        """What Tempo links to."""
        fields = {}
        if metrics := self.find("prometheus", "service-graph"):
            fields["serviceMap"] = {"datasourceUid": metrics.uid}
        if logs := self.find("loki", "traces-to-logs"):
            fields["tracesToLogsV2"] = {
                "datasourceUid": logs.uid,
                "tags": tags("juju_application", "juju_model", "juju_model_uuid"),
                "filterByTraceID": False,
                "filterBySpanID": False,
                "customQuery": True,
                "query": '{ $$__tags } |= "$${__span.traceId}"',
            }
        if metrics := self.find("prometheus", "traces-to-metrics"):
            fields["tracesToMetrics"] = {
                "datasourceUid": metrics.uid,
                "tags": tags("juju_application", "juju_model", "juju_model_uuid", "juju_unit"),
                "queries": [{"name": "All metrics", "query": "{$$__tags}"}],
            }
        return fields

    def from_logs(self):
        """What Loki links to."""
        traces = self.find("tempo", "logs-to-traces")
        if not traces:
            return {}
        return {
            "derivedFields": [
                {
                    "datasourceUid": traces.uid,
                    "matcherRegex": r"(?:traceID|trace_id|tid)=(\w+)",
                    "name": "traceID",
                    "url": "$${__value.raw}",
                    "urlDisplayLabel": "View trace",
                }
            ]
        }

    def find(self, wanted_type: str, feature: str):
        """The engine of the coordinators."""
        engine = TelemetryCorrelation(
            self.app.name,
            grafana_source_relations=self.registrations,
            datasource_exchange_relations=[
                *self.model.relations["send-datasource"],
                *self.model.relations["receive-datasource"],
            ],
        )
        return engine.find_correlated_datasource(wanted_type, feature)

    def show_exchange(self, event: ops.ActionEvent):
        """What the library reads from all peers."""
        received = [datasource.model_dump() for datasource in self.exchange.received_datasources]
        event.set_results({"received": json.dumps(received)})


if __name__ == "__main__":
    ops.main(Datasource)
