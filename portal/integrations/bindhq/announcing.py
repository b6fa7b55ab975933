"""BindHQ's webhooks: they only say that there is news in the feed.

X-BindHQ-Signature is t=<seconds>,v1=<hex>: HMAC-SHA256 with the connection's secret over "<t>." and the raw body. While
a secret is being changed there may be several v1.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from portal.integrations.bindhq import reading
from portal.integrations.bindhq.fields import Fields
from portal.policy_system.protocol import ChangedSchema, Malformed, NotTheirs
from portal.policy_system.records import FeedEvent

SIGNATURE, CLIENT = "X-BindHQ-Signature", "X-BindHQ-Client-Code"
OLDEST_SECONDS = 300
LONGEST_TIME = 12
"""In digits; Python reads thousands of them as no number at all."""


def announced(
    body: bytes, headers: Mapping[str, str], secrets: Sequence[str], client_code: str, now: datetime
) -> FeedEvent:
    """Read a webhook; see `PolicySystems.announced`."""
    given = [part.partition("=") for part in headers.get(SIGNATURE, "").split(",")]
    at = next((value for name, _, value in given if name.strip() == "t"), "")
    marks = [value for name, _, value in given if name.strip() == "v1"]
    if not at.isdecimal() or len(at) > LONGEST_TIME or abs(now.timestamp() - int(at)) > OLDEST_SECONDS:
        raise NotTheirs("it has no time, or is too old")
    right = [hmac.new(each.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest() for each in secrets]
    if not any(hmac.compare_digest(mark.encode(), one.encode()) for mark in marks for one in right):
        raise NotTheirs("it is not signed with the connection's secret")
    if headers.get(CLIENT, "") != client_code:
        raise NotTheirs("it is another client's")
    try:
        raw = json.loads(body)
        event = reading.event(Fields(raw, "event"))
    except (ValueError, ChangedSchema) as odd:
        raise Malformed(str(odd)) from odd
    if raw.get("client_code") != client_code:
        raise NotTheirs("it is another client's")
    return event
