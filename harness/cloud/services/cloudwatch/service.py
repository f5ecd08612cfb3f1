"""Amazon CloudWatch: metrics measured on the real servers, and alarms that are really evaluated.

See `store` for how time passes here.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from harness.aws_rules.durations import METRIC_PERIOD
from harness.clock import SystemClock
from harness.cloud.service import Answer, AwsError, Call, Service, World, operation
from harness.cloud.services.cloudwatch.alarms import Alarm, judged
from harness.cloud.services.cloudwatch.caches import CacheSource
from harness.cloud.services.cloudwatch.periods import Minute
from harness.cloud.services.cloudwatch.shapes import (
    alarm_of_estate,
    alarm_of_request,
    checked_statistic,
    dimensions_of,
    periods_of,
    samples_of,
    series_of,
    shown_alarm,
    shown_datapoint,
    shown_dimensions,
    shown_result,
)
from harness.cloud.services.cloudwatch.sources import BalancerSource, DatabaseSource, Source
from harness.cloud.services.cloudwatch.store import Metrics, Periods
from harness.cloud.services.elasticache import ElastiCache
from harness.cloud.services.elbv2 import Elbv2
from harness.cloud.services.rds import Rds
from harness.facts import MachineEvent
from harness.wait import until

_SHORTEST_PERIOD = timedelta(milliseconds=50)
_RAISED_WITHIN = timedelta(minutes=3)


class CloudWatch(Service):
    """Metrics and alarms of both regions."""

    name = "cloudwatch"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        length = world.pace.scaled(METRIC_PERIOD, at_least=_SHORTEST_PERIOD)
        clock = SystemClock()
        self.metrics = Metrics(Periods(clock, length, began=clock.now()))
        self._lock = threading.RLock()
        self._alarms: dict[tuple[str, str], Alarm] = {}
        self._sources: dict[str, Source] = {}
        self._minute = Minute(self.metrics, self._judge_all)

    def raise_estate(self) -> None:
        for alarm in self.world.estate.alarms:
            self._alarms[alarm.region, alarm.name] = alarm_of_estate(alarm, self.world.estate)
        databases = self.world.neighbour(Rds)
        until("the databases are there", databases.is_raised, within=_RAISED_WITHIN)
        caches = CacheSource(self.world.neighbour(ElastiCache).caches)
        balancers = BalancerSource(self.world.neighbour(Elbv2).metrics)
        self._sources |= {
            "caches": Source("caches", caches.measure),
            "balancers": Source("balancers", balancers.measure),
        }
        self._minute.start(self._all_sources)

    def close(self) -> None:
        self._minute.close()

    @operation("PutMetricData")
    def put_metric_data(self, call: Call) -> Answer:
        for datum in call.params.get("MetricData", ()):
            series = series_of(call.region, {**datum, "Namespace": call.params["Namespace"]})
            for sample in samples_of(datum):
                self.metrics.put(series, sample, datum.get("Timestamp"))
        return {}

    @operation("GetMetricStatistics")
    def get_metric_statistics(self, call: Call) -> Answer:
        params = call.params
        if params.get("ExtendedStatistics"):
            checked_statistic(params["ExtendedStatistics"][0])
        names = [checked_statistic(name) for name in params.get("Statistics", ())]
        series = series_of(call.region, params)
        points = self.metrics.datapoints(series, params["StartTime"], params["EndTime"], params["Period"])
        return {"Label": params["MetricName"], "Datapoints": [shown_datapoint(point, names) for point in points]}

    @operation("GetMetricData")
    def get_metric_data(self, call: Call) -> Answer:
        window = (call.params["StartTime"], call.params["EndTime"])
        results = [
            shown_result(self.metrics, call.region, query, window)
            for query in call.params["MetricDataQueries"]
            if query.get("ReturnData", True)
        ]
        if call.params.get("ScanBy", "TimestampDescending") == "TimestampDescending":
            for result in results:
                result["Timestamps"].reverse()
                result["Values"].reverse()
        return {"MetricDataResults": results, "Messages": []}

    @operation("ListMetrics")
    def list_metrics(self, call: Call) -> Answer:
        params = call.params
        wanted = {(one["Name"], one.get("Value")) for one in params.get("Dimensions", ())}
        return {
            "Metrics": [
                {"Namespace": series.namespace, "MetricName": series.name, "Dimensions": shown_dimensions(series)}
                for series in self.metrics.all_series(call.region)
                if params.get("Namespace", series.namespace) == series.namespace
                and params.get("MetricName", series.name) == series.name
                and all(any(n == name and v in (None, value) for name, value in series.dimensions) for n, v in wanted)
            ]
        }

    @operation("PutMetricAlarm")
    def put_alarm(self, call: Call) -> Answer:
        alarm = alarm_of_request(call.region, self.world.estate.account_id, call.params)
        with self._lock:
            known = self._alarms.get((call.region, alarm.name))
            if known is not None:
                alarm.state, alarm.reason, alarm.state_since = known.state, known.reason, known.state_since
                alarm.history = known.history
            verb = "updated" if known else "created"
            alarm.note("ConfigurationUpdate", f'Alarm "{alarm.name}" {verb}', {"version": "1.0", "type": verb})
            self._alarms[call.region, alarm.name] = alarm
        return {}

    @operation("DescribeAlarms")
    def describe_alarms(self, call: Call) -> Answer:
        params = call.params
        names, prefix = params.get("AlarmNames"), params.get("AlarmNamePrefix", "")
        with self._lock:
            return {
                "MetricAlarms": [
                    shown_alarm(alarm)
                    for alarm in self._here(call)
                    if (not names or alarm.name in names)
                    and alarm.name.startswith(prefix)
                    and params.get("StateValue", alarm.state) == alarm.state
                ],
                "CompositeAlarms": [],
            }

    @operation("DescribeAlarmsForMetric")
    def describe_alarms_for_metric(self, call: Call) -> Answer:
        metric = (call.params["Namespace"], call.params["MetricName"], dimensions_of(call.params))
        with self._lock:
            return {
                "MetricAlarms": [
                    shown_alarm(alarm)
                    for alarm in self._here(call)
                    if (
                        alarm.condition.series.namespace,
                        alarm.condition.series.name,
                        alarm.condition.series.dimensions,
                    )
                    == metric
                ]
            }

    @operation("DescribeAlarmHistory")
    def describe_history(self, call: Call) -> Answer:
        params = call.params
        start, end = params.get("StartDate"), params.get("EndDate")
        with self._lock:
            items: list[Answer] = [
                {
                    "AlarmName": alarm.name,
                    "AlarmType": "MetricAlarm",
                    "Timestamp": item.at,
                    "HistoryItemType": item.kind,
                    "HistorySummary": item.summary,
                    "HistoryData": item.data,
                }
                for alarm in self._here(call)
                if params.get("AlarmName", alarm.name) == alarm.name
                for item in alarm.history
                if params.get("HistoryItemType", item.kind) == item.kind
                and (start is None or start <= item.at)
                and (end is None or item.at <= end)
            ]
        newest_first = params.get("ScanBy", "TimestampDescending") == "TimestampDescending"
        items.sort(key=_when, reverse=newest_first)
        return {"AlarmHistoryItems": items[: params.get("MaxRecords", 100)]}

    @operation("SetAlarmState")
    def set_state(self, call: Call) -> Answer:
        with self._lock:
            alarm = self._alarms.get((call.region, call.params["AlarmName"]))
            if alarm is None:
                raise AwsError("ResourceNotFound", "Unknown alarm", 404)
            alarm.become(
                call.params["StateValue"], call.params["StateReason"], call.params.get("StateReasonData", "{}")
            )
        return {}

    @operation("DeleteAlarms")
    def delete_alarms(self, call: Call) -> Answer:
        keys = [(call.region, name) for name in call.params["AlarmNames"]]
        with self._lock:
            if missing := [name for region, name in keys if (region, name) not in self._alarms]:
                raise AwsError("ResourceNotFound", f"Unknown alarm {missing[0]}", 404)
            for key in keys:
                del self._alarms[key]
        return {}

    def _here(self, call: Call) -> Iterator[Alarm]:
        return (alarm for (region, _), alarm in sorted(self._alarms.items()) if region == call.region)

    def _all_sources(self) -> list[Source]:
        """What is measured now: instances come and go while a drill recovers."""
        for instance in self.world.neighbour(Rds).instances:
            if instance.arn not in self._sources:
                source = DatabaseSource(instance)
                self._sources[instance.arn] = Source(instance.identifier, source.measure, source.close)
        return list(self._sources.values())

    def _judge_all(self) -> None:
        with self._lock:
            for alarm in self._alarms.values():
                self._judge(alarm)

    def _judge(self, alarm: Alarm) -> None:
        condition = alarm.condition
        windows = self.metrics.windows(condition.series, periods_of(condition.period), condition.range)
        state, reason = judged(condition, windows, alarm.state)
        data = f'{{"version":"1.0","queryDate":"{datetime.now(UTC).isoformat()}"}}'
        if alarm.become(state, reason, data):
            self.world.record(MachineEvent(f"alarm {alarm.name}", state, reason))


def _when(item: Answer) -> datetime:
    at = item["Timestamp"]
    assert isinstance(at, datetime)
    return at
