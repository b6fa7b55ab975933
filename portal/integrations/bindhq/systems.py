"""Opens agencies' connections to BindHQ, or in the demo to the sandbox that speaks its wire."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from threading import Lock

from portal.integrations.bindhq import announcing
from portal.integrations.bindhq.addresses import LookUp, api_address, looked_up
from portal.integrations.bindhq.calls import Calls, Patience
from portal.integrations.bindhq.client import BindHQ
from portal.policy_system.protocol import ConnectionDetails, UnsafeAddress
from portal.policy_system.records import FeedEvent

_HEADER = re.compile(r"(?!host$)[A-Za-z0-9-]{1,64}", re.IGNORECASE)
_LINE = re.compile(r"[\x20-\x7e]{1,1000}")
KEPT = 64
"""Connections of so many agencies stay open in a process."""


def open_policy_systems(sandbox_url: str, hosts: str, *, is_demo: bool) -> "BindHQSystems":
    """How this deployment reaches BindHQ.

    Args:
        sandbox_url: of the demo's stand-in; without one the demo reaches nobody.
        hosts: what hosts must end in, comma separated.
    """
    return BindHQSystems(sandbox_url, () if is_demo else hosts.split(","))


class BindHQSystems:
    """Fulfils `PolicySystems`.

    Args:
        sandbox_url: of the stand-in, in the demo; empty for BindHQ itself.
        suffixes: of hosts that may be called, such as bindhq.com.
        patience: with each call.
        look_up: the addresses of a host.
    """

    def __init__(
        self,
        sandbox_url: str,
        suffixes: Sequence[str],
        patience: Patience | None = None,
        look_up: LookUp = looked_up,
    ) -> None:
        self._sandbox_url, self._suffixes = sandbox_url, tuple(suffixes)
        self._patience, self._look_up = patience or Patience(), look_up
        self._open: dict[ConnectionDetails, BindHQ] = {}
        self._lock = Lock()

    def connect(self, details: ConnectionDetails) -> BindHQ:
        """The agency's BindHQ; see `PolicySystems.connect`."""
        with self._lock:
            if details in self._open:
                return self._open[details]
            address = api_address(details.url, self._suffixes, self._sandbox_url)
            shown = f"{details.auth_prefix} {details.api_key}".strip()
            if not _HEADER.fullmatch(details.auth_header) or not _LINE.fullmatch(shown):
                raise UnsafeAddress("The API key, its header or its prefix has characters that cannot be sent.")
            calls = Calls(address, {details.auth_header: shown}, self._patience, self._look_up)
            system = BindHQ(calls, details.client_code)
            if len(self._open) >= KEPT:
                self._open.pop(next(iter(self._open)))
            self._open[details] = system
            return system

    def announced(
        self, body: bytes, headers: Mapping[str, str], secrets: Sequence[str], client_code: str, now: datetime
    ) -> FeedEvent:
        """Read a webhook."""
        return announcing.announced(body, headers, secrets, client_code, now)
