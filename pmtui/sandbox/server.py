"""Both vendors in one process on loopback: the demo, and what the tests talk to."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

from pmtui.sandbox import storage
from pmtui.sandbox.access import AccessControl, new_token
from pmtui.sandbox.datadog import DatadogService
from pmtui.sandbox.fault_effects import Delivery, deliver
from pmtui.sandbox.fault_injection import Faults, parse
from pmtui.sandbox.fault_targets import no_target
from pmtui.sandbox.http import Request, Response, Service, json_response
from pmtui.sandbox.listener import Listener
from pmtui.sandbox.opsgenie import OpsgenieService
from pmtui.sandbox.request_log import RequestLog
from pmtui.sandbox.state_on_disk import StateOnDisk


class Sandbox:
    """A context manager: the server answers between `start` and `stop`.

    `token` is part of `url`; requests without it are refused, because on a shared machine anybody can use the port. By default it
    is random; "" is none. `faults` are rules (see `fault_injection`), `switches` the values for `--set`. `requests` is the log,
    oldest first: method, path, query, status, started (epoch seconds), seconds, body, headers.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        state: Path | None = None,
        incidents: int = 30,
        faults: Sequence[str] = (),
        switches: Mapping[str, str] | None = None,
        now: datetime | None = None,
        token: str | None = None,
        datadog: DatadogService | None = None,
        opsgenie: OpsgenieService | None = None,
    ) -> None:
        moment = now or datetime.now(UTC)
        chosen = _by_vendor(switches or {})
        self.datadog = datadog or DatadogService(incidents, moment, chosen["datadog"])
        self.opsgenie = opsgenie or OpsgenieService(incidents, moment, chosen["opsgenie"])
        self.requests = RequestLog()
        self._services: dict[str, Service] = {"datadog": self.datadog, "opsgenie": self.opsgenie}
        self._faults = Faults(faults)
        self._earlier: dict[str, Response] = {}
        self._lock = threading.RLock()
        self._state = state
        self._on_disk: StateOnDisk | None = None
        self._let_go: Callable[[], object] = lambda: None
        self.access = AccessControl(new_token() if token is None else token)
        self._listener = Listener(port, self)

    @property
    def url(self) -> str:
        """The base URL of both vendors, with the token, without a trailing slash."""
        return self._listener.url + self.access.prefix

    def fault(self, rule: str) -> None:
        """Add a rule (see `fault_injection`). Raises ValueError when it cannot be parsed."""
        with self._lock:
            self._faults.add(rule)

    def without_target(self, rule: str) -> str:
        """Why no request can match this rule, "" when one can. Raises ValueError as `fault`."""
        method, pattern = parse(rule).method, rule.split()[1]
        why = no_target(method, pattern, [route for service in self._services.values() for route in service.routes()])
        return why and f"fault rule {rule!r}: {why}"

    def clear_faults(self) -> None:
        """Remove all rules."""
        with self._lock:
            self._faults.clear()

    def start(self) -> None:
        """Load the state, if there is one, and begin to answer.

        Raises ValueError when the state cannot be read or kept, InUse when another sandbox uses its directory.
        """
        if self._state is not None:
            try:
                self._let_go = storage.take(self._state)
                self._load(self._state)
            except ValueError:
                self._listener.stop()
                self._let_go()
                raise
        self._listener.start()

    def _load(self, state: Path) -> None:
        self._on_disk = StateOnDisk(state, {name: partial(self._dump, service) for name, service in self._services.items()})
        for name, service in self._services.items():
            saved = self._on_disk.load(name)
            if saved is None:
                continue
            try:
                service.load(saved)
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                raise ValueError(f"{state / name}.json is not a sandbox's state of this version; delete it to begin anew") from error
        threading.Thread(target=self._on_disk.keep_all, name="sandbox-state", daemon=True).start()  # a new world, for its dates

    def _dump(self, service: Service) -> str:
        with self._lock:  # a dump may share what the service goes on changing
            return service.dump_text()

    def stop(self) -> None:
        """Close every connection; the state is on disk when this returns."""
        self._listener.stop()
        if self._on_disk is not None:
            self._on_disk.end()
        self._let_go()

    def __enter__(self) -> Sandbox:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def refusal(self, head: Request) -> Response | None:
        """The answer to a request that its vendor refuses without the body (bad key, unknown route)."""
        started, clock = time.time(), time.perf_counter()
        with self._lock:
            service = self._service(head)
            refused = service.refusal(head) if service else _nobody(head)
            if refused is not None:
                entry = self._log(head, started)
                entry["status"], entry["seconds"] = refused.status, time.perf_counter() - clock
        return refused

    def _service(self, request: Request) -> Service | None:
        return next((service for service in self._services.values() if service.handles(request.path)), None)

    def answer(self, request: Request) -> Delivery:
        """The answer of the vendor, with the faults that are due. What it changes is on disk when this returns."""
        started, clock = time.time(), time.perf_counter()
        with self._lock:
            entry = self._log(request, started)
            service = self._service(request)
            if service is None:
                return Delivery(_nobody(request))
            actions = self._faults.due(request.method, request.path)
            delivery = deliver(actions, request, service, self._earlier)
            keep = self._changed(service) if actions or request.method != "GET" else None
        if keep is not None:
            keep()
        entry["status"] = delivery.response.status
        entry["seconds"] = time.perf_counter() - clock + delivery.wait
        return delivery

    def _changed(self, service: Service) -> Callable[[], None] | None:
        """What waits until the disk has what this vendor has just changed; None when nothing is kept."""
        if self._on_disk is None:
            return None
        name = next(name for name, each in self._services.items() if each is service)
        return partial(self._on_disk.keep, name, self._on_disk.change(name))

    def _log(self, request: Request, started: float) -> dict[str, Any]:
        entry: dict[str, Any] = {
            "method": request.method,
            "path": request.path,
            "query": dict(request.query),
            "headers": dict(request.headers),
            "body": request.body.decode("utf-8", "replace"),
            "status": 0,
            "started": started,
            "seconds": 0.0,
        }
        self.requests.add(entry)
        return entry


def _nobody(request: Request) -> Response:
    return json_response(404, {"errors": [f"nothing answers for {request.path} in this sandbox"]})


def _by_vendor(switches: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """`{"datadog.deny": "x"}` → `{"datadog": {"datadog.deny": "x"}, "opsgenie": {}}`."""
    chosen: dict[str, dict[str, str]] = {"datadog": {}, "opsgenie": {}}
    for name, value in switches.items():
        vendor = name.partition(".")[0]
        if vendor not in chosen:
            raise ValueError(f"unknown switch {name!r}: switches begin with datadog. or opsgenie.")
        chosen[vendor][name] = value
    return chosen
