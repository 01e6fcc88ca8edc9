"""A Grafana as Canonical's grafana-k8s is one on the wire, bugs included.

Written anew from what the charm library `grafana_source` was seen to do: v0 is 0.29, v1 is 1.0. The workload is
played too: `database` in the peer databag holds what Grafana has after it read the provisioning file, by its
rules (matched by name, kept until named in `deleteDatasources`).
"""

import json
import re
from typing import Optional

import ops


class Grafana(ops.CharmBase):
    """Acts when a relation changes or a unit departs, and never otherwise."""

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        self.generation = str(self.config["generation"])
        relation_events = self.on["grafana-source"]
        framework.observe(relation_events.relation_changed, self.on_changed)
        framework.observe(relation_events.relation_departed, self.on_departed)
        framework.observe(self.on.start, self.on_start)

    def on_start(self, _: ops.StartEvent):
        """Nothing but the status."""
        self.unit.status = ops.ActiveStatus()

    # Peer data

    @property
    def peers(self) -> Optional[ops.RelationDataContent]:
        """The application databag of the peer relation."""
        relation = self.model.get_relation("grafana")
        return relation.data[self.app] if relation else None

    def stored(self, key: str, default):
        """What was stored under a key."""
        return json.loads((self.peers or {}).get(key, json.dumps(default)))

    def store(self, key: str, value):
        """Keep something, where there is a peer relation."""
        if self.peers is not None:
            self.peers[key] = json.dumps(value)

    # The library

    def on_changed(self, _: ops.RelationChangedEvent):
        """Look at all relations again, whichever of them changed."""
        if not self.unit.is_leader():
            return
        before = self.stored("sources", {})
        sources = {}
        for relation in self.model.relations["grafana-source"]:
            found = self.read(relation)
            if found is None:
                continue
            new, by_unit, app_name = found
            sources[str(relation.id)] = new
            old_names = [source["source_name"] for source in before.get(str(relation.id), [])]
            names = [source["source_name"] for source in new]
            # v0 lets go of an application that has no unit host any more, without saying so to Grafana.
            if new or self.generation == "v1":
                self.schedule_deletes([name for name in old_names if name not in names])
            self.unschedule(names)
            self.answer(relation, by_unit, app_name)
        self.store("sources", sources)
        self.render()

    def read(self, relation: ops.Relation):
        """What a relation registers: sources, names by unit, the application's name. None: nothing."""
        bag = relation.data[relation.app]
        data = json.loads(bag.get("grafana_source_data", "{}"))
        if not data:
            return None
        base = f"juju_{data['model']}_{data['model_uuid']}_{data['application']}"
        common = {
            "source_type": data["type"],
            "extra_fields": data.get("extra_fields"),
            "secure_extra_fields": data.get("secure_extra_fields"),
        }
        sources, by_unit, app_name = [], {}, None
        # A set: no two hooks need to see the same order.
        for unit in relation.units:
            host = relation.data[unit].get("grafana_source_host")
            if not host:
                continue
            name = f"{base}_{unit.name.split('/')[1]}"
            by_unit[unit.name] = name
            sources.append({"unit": unit.name, "source_name": name, "url": with_scheme(host), **common})
        if self.generation == "v1" and (host := bag.get("grafana_source_app_host")):
            app_name = base
            sources.append({"unit": None, "source_name": base, "url": with_scheme(host), **common})
        return sources, by_unit, app_name

    def answer(self, relation: ops.Relation, by_unit: dict, app_name: Optional[str]):
        """Tell the application what its datasources are called; it takes the names for UIDs."""
        bag = relation.data[self.app]
        number = self.unit.name.split("/")[1]
        name = self.app.name
        bag["grafana_uid"] = f"juju_{self.model.name}_{self.model.uuid}_{name}_{number}"
        bag["datasource_uids"] = json.dumps(by_unit)
        bag["grafana_base_url"] = (
            f"http://{name}-{number}.{name}-endpoints.{self.model.name}.svc.cluster.local:3000"
        )
        # v0 does not know the key, and so does not take it away after a downgrade either.
        if self.generation == "v1":
            bag["app_datasource_uid"] = app_name or ""

    def on_departed(self, event: ops.RelationDepartedEvent):
        """Forget the unit; what was said to the others is said again as it was."""
        if not self.unit.is_leader() or event.departing_unit is None or event.departing_unit.app is self.app:
            return
        sources = self.stored("sources", {})
        of_relation = sources.get(str(event.relation.id), [])
        gone = [source for source in of_relation if source["unit"] == event.departing_unit.name]
        if self.generation == "v0":
            gone = [gone[0]]  # IndexError where nothing is stored, as in 0.29
        self.schedule_deletes([source["source_name"] for source in gone])
        sources[str(event.relation.id)] = [source for source in of_relation if source not in gone]
        self.store("sources", sources)
        self.render()

    def schedule_deletes(self, names: list):
        """They go from Grafana with the next provisioning file."""
        known = self.stored("sources_to_delete", [])
        self.store("sources_to_delete", [*known, *(name for name in names if name not in known)])

    def unschedule(self, names: list):
        """The list only ever shrinks by names that are back."""
        known = self.stored("sources_to_delete", [])
        self.store("sources_to_delete", [name for name in known if name not in names])

    # The workload

    def render(self):
        """Write the provisioning file, and let Grafana read it."""
        database = self.stored("database", {})
        for name in self.stored("sources_to_delete", []):
            database.pop(name, None)
        for sources in self.stored("sources", {}).values():
            for source in sources:
                fields = dict(source["extra_fields"] or {})
                fields["timeout"] = max(int(fields.get("timeout", 0)), 300)
                database[source["source_name"]] = {
                    "type": source["source_type"],
                    "url": source["url"],
                    "jsonData": expanded(fields),
                    "secureJsonData": sorted(source["secure_extra_fields"] or {}),
                }
        self.store("database", database)


def with_scheme(host: str) -> str:
    """Addresses without a scheme mean http."""
    return host if "://" in host else f"http://{host}"


def expanded(value):
    """What Grafana makes of the dollars in a provisioning file: `$$` is a dollar, variables are all unset."""
    if isinstance(value, str):
        return re.sub(r"\$\$|\$\{[^}]*\}|\$\w+", lambda found: "$" if found[0] == "$$" else "", value)
    if isinstance(value, list):
        return [expanded(member) for member in value]
    if isinstance(value, dict):
        return {key: expanded(member) for key, member in value.items()}
    return value


if __name__ == "__main__":
    ops.main(Grafana)
