"""What Envoy is told so that it behaves as an Application Load Balancer does. Pure: dictionaries for its JSON files.

Where the figures come from: AWS, "Application Load Balancers" user guide: idle timeout 60 s; "target group health":
when no target is healthy, requests are routed to all of them (fail open); "troubleshoot": 502 when the target resets
or refuses, 503 without a target, 504 when it is too slow. One difference is wanted: a connection that a target refused
is tried again elsewhere, which is safe, for nothing has been sent. A request that was sent is never sent again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

Target = tuple[str, int]
Json = dict[str, Any]

CLUSTER = "targets"
_IDLE_TIMEOUT = timedelta(seconds=60)
_CONNECT_TIMEOUT = timedelta(seconds=1)
_CONNECT_ATTEMPTS = 3
_MANY = 100_000
_HCM = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
_ROUTER = "envoy.extensions.filters.http.router.v3.Router"
_HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
_BROKEN_BY_TARGET = ["UF", "UC", "UR", "UPE"]


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """How targets are checked: an HTTP GET of `path` that must answer 200 within `timeout`, each `interval`."""

    path: str
    interval: timedelta
    timeout: timedelta
    healthy_threshold: int
    unhealthy_threshold: int


def bootstrap(listen: Target, check: HealthCheck, targets: Path) -> Json:
    """Envoy's own configuration; the targets are read from the file `targets`, whenever it is replaced."""
    return {
        "node": {"id": "balancer", "cluster": "balancer"},
        "admin": {
            "address": _address(("127.0.0.1", 0)),
            "allow_paths": [{"exact": "/ready"}, {"prefix": "/clusters"}, {"prefix": "/stats"}],
        },
        "stats_flush_interval": "0.2s",  # times are added up at a flush only, and not yet when asking causes one
        "static_resources": {"listeners": [_listener(listen)], "clusters": [_cluster(check, targets)]},
    }


def endpoints(targets: Iterable[Target]) -> Json:
    """The targets, as Envoy reads them."""
    hosts = [{"endpoint": {"address": _address(target)}} for target in targets]
    assignment = {
        "@type": "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment",
        "cluster_name": CLUSTER,
        "endpoints": [{"lb_endpoints": hosts}] if hosts else [],
    }
    return {"resources": [assignment]}


def _listener(listen: Target) -> Json:
    manager = {
        "@type": f"type.googleapis.com/{_HCM}",
        "stat_prefix": "clients",
        "use_remote_address": True,
        "server_header_transformation": "PASS_THROUGH",
        "common_http_protocol_options": {"idle_timeout": _seconds(_IDLE_TIMEOUT)},
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [_route()]}]},
        "local_reply_config": {"mappers": [_bad_gateway()]},
        "http_filters": [{"name": "router", "typed_config": {"@type": f"type.googleapis.com/{_ROUTER}"}}],
    }
    return {
        "name": "public",
        "address": _address(listen),
        "enable_reuse_port": False,  # else a second balancer on this address would start, and share its clients
        "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
    }


def _route() -> Json:
    retry = {
        "retry_on": "connect-failure,refused-stream",
        "num_retries": _CONNECT_ATTEMPTS,
        "retry_back_off": {"base_interval": "0.005s", "max_interval": "0.02s"},
        "retry_host_predicate": [
            {
                "name": "envoy.retry_host_predicates.previous_hosts",
                "typed_config": {
                    "@type": "type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate",
                },
            }
        ],
        "host_selection_retry_max_attempts": 5,
    }
    return {
        "match": {"prefix": "/"},
        "route": {"cluster": CLUSTER, "timeout": _seconds(_IDLE_TIMEOUT), "retry_policy": retry},
    }


def _bad_gateway() -> Json:
    """Envoy answers 503 for a target that refuses or resets, where AWS answers 502."""
    return {"filter": {"response_flag_filter": {"flags": _BROKEN_BY_TARGET}}, "status_code": 502}


def _cluster(check: HealthCheck, targets: Path) -> Json:
    return {
        "name": CLUSTER,
        "type": "EDS",
        "eds_cluster_config": {
            "eds_config": {"path_config_source": {"path": str(targets)}, "resource_api_version": "V3"}
        },
        "connect_timeout": _seconds(_CONNECT_TIMEOUT),
        "lb_policy": "ROUND_ROBIN",
        "common_lb_config": {
            # the share of healthy targets below which all are used: any share but none at all is above 1 %
            "healthy_panic_threshold": {"value": 1.0},
            # else a new target fails its checks before the first of them has ended
            "ignore_new_hosts_until_first_hc": True,
            # else what a check found reaches the routing up to a second late
            "update_merge_window": "0s",
        },
        # else a removed target that still answers its checks goes on being used
        "ignore_health_on_host_removal": True,
        "circuit_breakers": {
            "thresholds": [
                {"max_connections": _MANY, "max_pending_requests": _MANY, "max_requests": _MANY, "max_retries": _MANY}
            ]
        },
        "typed_extension_protocol_options": {
            _HTTP_OPTIONS: {
                "@type": f"type.googleapis.com/{_HTTP_OPTIONS}",
                "common_http_protocol_options": {"idle_timeout": _seconds(_IDLE_TIMEOUT)},
                "explicit_http_config": {"http_protocol_options": {}},
            }
        },
        "health_checks": [_health_check(check)],
    }


def _health_check(check: HealthCheck) -> Json:
    interval = _seconds(check.interval)
    return {
        "http_health_check": {"path": check.path},
        "interval": interval,
        "timeout": _seconds(check.timeout),
        "healthy_threshold": check.healthy_threshold,
        "unhealthy_threshold": check.unhealthy_threshold,
        # without these a balancer that has no traffic looks once a minute
        "no_traffic_interval": interval,
        "no_traffic_healthy_interval": interval,
    }


def _address(target: Target) -> Json:
    return {"socket_address": {"address": target[0], "port_value": target[1]}}


def _seconds(duration: timedelta) -> str:
    return f"{duration.total_seconds():.6f}s"
