"""Route 53: hosted zones, record sets and health checks, answered by the estate's resolver.

The API shows a change at once, as with AWS; the resolver answers by it when the change turns INSYNC and not before, so
that nobody who waits for INSYNC can still meet the old answer.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from harness.aws_rules.answers import Health, answer, answer_table
from harness.aws_rules.durations import ROUTE53_INSYNC
from harness.aws_rules.records import Change, RuleBroken, as_aws, changes_of, full_name
from harness.aws_rules.route53 import Surroundings
from harness.aws_rules.tags import drill_target
from harness.aws_rules.zones import balancer_name
from harness.cloud.names import AnswerSet
from harness.cloud.prober import HealthCheckers
from harness.cloud.service import Answer, AwsError, Call, Service, World, operation
from harness.cloud.services.elbv2 import Elbv2
from harness.cloud.services.route53.checks import HealthChecks, Tags, shown_check, shown_observations
from harness.cloud.services.route53.estate import config_of, record_of_estate, reference
from harness.cloud.services.route53.zones import (
    NAME_SERVERS,
    Batch,
    HostedZone,
    HostedZones,
    bare,
    page_of,
    shown_batch,
    shown_zone,
)

_MOST = 300


class Route53(Service):
    """The account's DNS. Health of checks and balancers changes the answers by itself, without a change batch."""

    name = "route53"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._zones = HostedZones()
        self._checkers = HealthCheckers(world.pace.scaled, lambda *_: self.refresh(), world.record)
        self._checks = HealthChecks(world, self._checkers)
        self._tags = Tags()
        self._lock = threading.Lock()
        self._published: dict[tuple[str, str], AnswerSet] = {}

    def raise_estate(self) -> None:
        estate = self.world.estate
        for check in estate.health_checks:
            raised = self._checks.create(reference(estate, check.name), config_of(self.world, check))
            self._tags.change(raised.id, {"Name": check.name, **drill_target()}, ())
        zone = self._zones.create(estate.zone.name, reference(estate, estate.zone.name), estate.name)
        self._tags.change(zone.id, drill_target(), ())
        ids = {check.name: self.health_check_id(check.name) for check in estate.health_checks}
        changes = [Change("CREATE", record_of_estate(self.world, record, ids)) for record in estate.zone.records]
        batch = self._zones.accept(self._surroundings(zone), changes, "")
        self.world.neighbour(Elbv2).on_change(self._health_changed)
        self._put_in_sync(batch)
        self._watch_what_serves()

    def close(self) -> None:
        self._checkers.close()

    def _health_changed(self) -> None:
        self._watch_what_serves()
        self.refresh()

    def _watch_what_serves(self) -> None:
        """Begin the estate's checks: one of a region that is to serve begins when it does, so that none starts ill."""
        balancers = self.world.neighbour(Elbv2)
        busy = {service.balancer for service in self.world.estate.services if service.desired_count}
        for check in self.world.estate.health_checks:
            if check.balancer not in busy or balancers.is_healthy(balancers.dns_name(check.balancer)):
                self._checks.watch(self._checks.get(self.health_check_id(check.name)), check.name)

    def refresh(self) -> None:
        """Publish the zones' answers if health or records have changed them."""
        with self._lock:
            found = answer_table(self._zones.served(), self._health())
            table = {key: AnswerSet(given.ttl, given.values) for key, given in found.items()}
            if table != self._published:
                self._published = table
                self.world.names.put_zone(table)

    def zone_id(self) -> str:
        """The id of the estate's hosted zone."""
        return next(zone.id for zone in self._zones.all() if zone.name == full_name(self.world.estate.zone.name))

    def health_check_id(self, name: str) -> str:
        """The id of the estate's health check of that name."""
        made_as = reference(self.world.estate, name)
        return next(check.id for check in self._checks.all() if check.caller_reference == made_as)

    def is_healthy(self, check_id: str) -> bool:
        """Whether a health check is healthy now."""
        return self._checkers.is_healthy(check_id)

    @operation("ListHostedZones")
    def list_zones(self, call: Call) -> Answer:
        zones = [shown_zone(zone) for zone in self._zones.all()]
        return {"HostedZones": zones, "Marker": "", "IsTruncated": False, "MaxItems": "100"}

    @operation("ListHostedZonesByName")
    def list_zones_by_name(self, call: Call) -> Answer:
        first = tuple(reversed(full_name(call.params.get("DNSName") or "").split(".")))
        zones = [zone for zone in self._zones.all() if tuple(reversed(zone.name.split("."))) >= first]
        shown: Answer = {"HostedZones": [shown_zone(zone) for zone in zones], "IsTruncated": False, "MaxItems": "100"}
        return {**shown, "DNSName": call.params["DNSName"]} if call.params.get("DNSName") else shown

    @operation("GetHostedZone")
    def get_zone(self, call: Call) -> Answer:
        zone = self._zones.get(call.params["Id"])
        return {"HostedZone": shown_zone(zone), "DelegationSet": {"NameServers": list(NAME_SERVERS)}}

    @operation("CreateHostedZone")
    def create_zone(self, call: Call) -> Answer:
        comment = call.params.get("HostedZoneConfig", {}).get("Comment", "")
        zone = self._zones.create(call.params["Name"], call.params["CallerReference"], comment)
        self.refresh()
        return {
            "HostedZone": shown_zone(zone),
            "ChangeInfo": shown_batch(self._change(zone, [], "")),
            "DelegationSet": {"NameServers": list(NAME_SERVERS)},
            "Location": f"https://route53.amazonaws.com/2013-04-01/hostedzone/{zone.id}",
        }

    @operation("ListResourceRecordSets")
    def list_records(self, call: Call) -> Answer:
        asked = call.params
        zone = self._zones.get(asked["HostedZoneId"])
        first = (asked.get("StartRecordName"), asked.get("StartRecordType"), asked.get("StartRecordIdentifier"))
        most = min(int(asked.get("MaxItems") or _MOST), _MOST)
        records = page_of(zone, *first)
        shown: Answer = {
            "ResourceRecordSets": [as_aws(record) for record in records[:most]],
            "IsTruncated": len(records) > most,
            "MaxItems": str(most),
        }
        if len(records) > most:
            following = records[most]
            shown |= {"NextRecordName": following.name, "NextRecordType": following.type}
            if following.set_identifier:
                shown["NextRecordIdentifier"] = following.set_identifier
        return shown

    @operation("ChangeResourceRecordSets")
    def change_records(self, call: Call) -> Answer:
        zone = self._zones.get(call.params["HostedZoneId"])
        batch = call.params["ChangeBatch"]
        try:
            changes = changes_of(batch["Changes"])
        except RuleBroken as broken:
            raise AwsError(broken.code, broken.message, broken.status) from broken
        return {"ChangeInfo": shown_batch(self._change(zone, changes, batch.get("Comment", "")))}

    @operation("GetChange")
    def get_change(self, call: Call) -> Answer:
        return {"ChangeInfo": shown_batch(self._zones.batch(call.params["Id"]))}

    @operation("TestDNSAnswer")
    def test_answer(self, call: Call) -> Answer:
        zone = self._zones.get(call.params["HostedZoneId"])
        name, kind = full_name(call.params["RecordName"]), call.params["RecordType"]
        given = answer(zone.served, name, kind, self._health())
        known = any(record.name == name for record in zone.served)
        return {
            "Nameserver": NAME_SERVERS[0],
            "RecordName": name,
            "RecordType": kind,
            "RecordData": list(given.values) if given else [],
            "ResponseCode": "NOERROR" if known else "NXDOMAIN",
            "Protocol": "UDP",
        }

    @operation("ListHealthChecks")
    def list_checks(self, call: Call) -> Answer:
        checks = [shown_check(check) for check in self._checks.all()]
        return {"HealthChecks": checks, "Marker": "", "IsTruncated": False, "MaxItems": "100"}

    @operation("GetHealthCheck")
    def get_check(self, call: Call) -> Answer:
        return {"HealthCheck": shown_check(self._checks.get(call.params["HealthCheckId"]))}

    @operation("CreateHealthCheck")
    def create_check(self, call: Call) -> Answer:
        made_as = call.params["CallerReference"]
        check = self._checks.create(made_as, call.params["HealthCheckConfig"])
        self._checks.watch(check, made_as)
        where = f"https://route53.amazonaws.com/2013-04-01/healthcheck/{check.id}"
        return {"HealthCheck": shown_check(check), "Location": where}

    @operation("GetHealthCheckStatus")
    def check_status(self, call: Call) -> Answer:
        check = self._checks.get(call.params["HealthCheckId"])
        return {"HealthCheckObservations": shown_observations(self._checkers.observations(check.id))}

    @operation("GetHealthCheckLastFailureReason")
    def check_last_failure(self, call: Call) -> Answer:
        check = self._checks.get(call.params["HealthCheckId"])
        return {"HealthCheckObservations": shown_observations(self._checkers.last_failures(check.id))}

    @operation("ChangeTagsForResource")
    def change_tags(self, call: Call) -> Answer:
        added = {tag["Key"]: tag.get("Value", "") for tag in call.params.get("AddTags", ())}
        self._tags.change(self._tagged(call), added, call.params.get("RemoveTagKeys", ()))
        return {}

    @operation("ListTagsForResource")
    def list_tags(self, call: Call) -> Answer:
        tags = [{"Key": key, "Value": value} for key, value in self._tags.of(self._tagged(call)).items()]
        kind, resource = call.params["ResourceType"], call.params["ResourceId"]
        return {"ResourceTagSet": {"ResourceType": kind, "ResourceId": resource, "Tags": tags}}

    def _tagged(self, call: Call) -> str:
        """The resource that a call about tags means. Raises NoSuchHostedZone, NoSuchHealthCheck."""
        resource = bare(call.params["ResourceId"])
        if call.params["ResourceType"] == "hostedzone":
            return self._zones.get(resource).id
        return self._checks.get(resource).id

    def _change(self, zone: HostedZone, changes: Sequence[Change], comment: str) -> Batch:
        """Take a batch in; it is answered, and then INSYNC, when Route 53's time at the drill's pace has passed."""
        batch = self._zones.accept(self._surroundings(zone), changes, comment)
        self.world.pace.later(ROUTE53_INSYNC.usual, f"change {batch.id}", lambda: self._put_in_sync(batch))
        return batch

    def _put_in_sync(self, batch: Batch) -> None:
        self._zones.finish(batch)
        self.refresh()
        self._zones.mark_in_sync(batch)

    def _surroundings(self, zone: HostedZone) -> Surroundings:
        balancers = frozenset(self.world.neighbour(Elbv2).dns_names())
        return Surroundings(zone.id, zone.name, self._checks.ids(), balancers)

    def _health(self) -> Health:
        balancers = self.world.neighbour(Elbv2)
        return Health(
            check=self._checkers.is_healthy,
            balancer=lambda name: balancers.is_healthy(balancer_name(name)),
            addresses=lambda name: balancers.addresses(balancer_name(name)),
        )
