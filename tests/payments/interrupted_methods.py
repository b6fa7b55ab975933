"""The part of an interrupted gateway that keeps methods."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from portal.payments.gateway import Gateway
from portal.payments.methods.gateway import MethodSeen, NewSetup, SetupSeen

if TYPE_CHECKING:
    from tests.payments.interruptions import Points


class InterruptedMethods:
    """Each call that changes something, or is answered with what has changed, is a point."""

    inner: Gateway
    points: "Points"

    def create_customer(self, email: str, metadata: Mapping[str, str], key: str) -> str:
        return self.points.call("create customer", lambda: self.inner.create_customer(email, metadata, key))

    def create_setup(self, new: NewSetup) -> SetupSeen:
        return self.points.call("create setup", lambda: self.inner.create_setup(new))

    def confirm_setup(self, setup_id: str, confirmation_token: str, return_url: str, key: str) -> SetupSeen:
        return self.points.call(
            "confirm setup", lambda: self.inner.confirm_setup(setup_id, confirmation_token, return_url, key)
        )

    def retrieve_setup(self, setup_id: str) -> SetupSeen:
        return self.points.call("retrieve setup", lambda: self.inner.retrieve_setup(setup_id))

    def cancel_setup(self, setup_id: str) -> SetupSeen:
        return self.points.call("cancel setup", lambda: self.inner.cancel_setup(setup_id))

    def verify_deposits(self, setup_id: str, amounts: Sequence[int], code: str, key: str) -> SetupSeen:
        return self.points.call("verify", lambda: self.inner.verify_deposits(setup_id, amounts, code, key))

    def retrieve_method(self, method_id: str) -> MethodSeen:
        return self.points.call("retrieve method", lambda: self.inner.retrieve_method(method_id))

    def detach(self, method_id: str) -> None:
        return self.points.call("detach", lambda: self.inner.detach(method_id))
