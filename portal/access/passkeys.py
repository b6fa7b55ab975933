"""Passkeys as the second factor of staff (WebAuthn level 2). The person is verified by their device each time.

What a passkey is asked to sign is kept with the session of this browser, for five minutes and one answer.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import select, update
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from portal.access.factor_tries import FactorTry
from portal.access.models import SignInSession, StaffFactor
from portal.access.staff import Staff
from portal.access.staff_news import tell_staff
from portal.core.audit import Actor, record
from portal.core.tenancy import Scoped

VALID = timedelta(minutes=5)
MOST_NAME = 80


@dataclass(frozen=True, slots=True)
class Site:
    """The portal as browsers know it.

    Args:
        host: the request's, without a port; passkeys are bound to it.
        origin: scheme, host and port.
        name: the agency's.
    """

    host: str
    origin: str
    name: str


def ask_to_register(session: Scoped, session_id: int, staff: Staff, site: Site, at: datetime) -> str:
    """What the browser needs to make a passkey, as JSON; devices that have one already are left out.

    Args:
        session: a write unit.
        session_id: of the browser that asks.
    """
    options = generate_registration_options(
        rp_id=site.host,
        rp_name=site.name,
        user_id=sha256(f"{session.agency_id}:{staff.id}".encode()).digest(),
        user_name=staff.email,
        user_display_name=staff.name,
        timeout=int(VALID.total_seconds() * 1000),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=_known(session, staff),
    )
    _keep(session, session_id, options.challenge, at)
    return options_to_json(options)


def add_passkey(
    session: Scoped, session_id: int, staff: Staff, site: Site, answer: str, name: str, actor: Actor, at: datetime
) -> bool:
    """Keep a passkey that the browser has made.

    Args:
        session: a write unit.
        session_id: of the browser that asked.
        answer: the credential as JSON, as it came.
        name: by which its owner knows it.

    Returns:
        Whether it answers what was asked here less than five minutes ago, and was not known before.
    """
    challenge = _take(session, session_id, at)
    if challenge is None:
        return False
    try:
        made = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, RecursionError):
        return False
    credential_id = bytes_to_base64url(made.credential_id)
    if session.scalar(select(StaffFactor.id).where(StaffFactor.credential_id == credential_id)) is not None:
        return False
    session.add(
        StaffFactor(
            staff_id=staff.id,
            kind="passkey",
            name=name[:MOST_NAME],
            credential_id=credential_id,
            secret=bytes_to_base64url(made.credential_public_key),
            counter=made.sign_count,
            created_at=at,
            confirmed_at=at,
            used_at=at,
        )
    )
    record(session, actor, "staff.factor_added", "staff_member", staff.id, at, kind="passkey", name=name[:MOST_NAME])
    tell_staff(session, "factor_added", staff.id, at)
    return True


def ask_to_sign(session: Scoped, session_id: int, staff: Staff, site: Site, at: datetime) -> str:
    """What the browser needs to have a passkey sign, as JSON.

    Args:
        session: a write unit.
        session_id: of the browser that asks.
    """
    options = generate_authentication_options(
        rp_id=site.host,
        timeout=int(VALID.total_seconds() * 1000),
        allow_credentials=_known(session, staff),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    _keep(session, session_id, options.challenge, at)
    return options_to_json(options)


def use_passkey(attempt: FactorTry, session_id: int, site: Site, answer: str) -> bool:
    """Whether one of this person's passkeys has signed what was asked in this browser. Opens its own units.

    A signature count that does not grow tells of a copy; devices that do not count always say zero.

    Args:
        session_id: of the browser that asked.
        answer: the credential as JSON, as it came.

    Raises:
        TooMany: too many tries that failed.
    """
    tries = attempt.start()
    with attempt.open_unit() as session:
        challenge = _take(session, session_id, attempt.at)
    with attempt.open_unit() as session:
        if challenge is None or not _has_signed(session, attempt, site, challenge, answer):
            return attempt.failed(session, "passkey")
        return attempt.worked(session, tries, "passkey")


def _has_signed(session: Scoped, attempt: FactorTry, site: Site, challenge: bytes, answer: str) -> bool:
    try:
        credential = parse_authentication_credential_json(answer)
        row = _of_staff(session, attempt.staff, bytes_to_base64url(credential.raw_id))
        if row is None:
            return False
        signed = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=base64url_to_bytes(row.secret),
            credential_current_sign_count=row.counter,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, RecursionError):
        return False
    return _count(session, row, signed.new_sign_count, attempt.at)


def _known(session: Scoped, staff: Staff) -> list[PublicKeyCredentialDescriptor]:
    query = select(StaffFactor.credential_id).where(StaffFactor.staff_id == staff.id, StaffFactor.kind == "passkey")
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(known)) for known in session.scalars(query) if known]


def _of_staff(session: Scoped, staff: Staff, credential_id: str) -> StaffFactor | None:
    return session.scalars(
        select(StaffFactor).where(StaffFactor.staff_id == staff.id, StaffFactor.credential_id == credential_id)
    ).one_or_none()


def _count(session: Scoped, row: StaffFactor, counter: int, at: datetime) -> bool:
    """Note the signature count, unless another answer came in between."""
    noted = session.execute(
        update(StaffFactor)
        .where(StaffFactor.id == row.id, StaffFactor.counter == row.counter)
        .values(counter=counter, used_at=at)
        .returning(StaffFactor.id)
        .execution_options(synchronize_session=False)
    )
    return noted.one_or_none() is not None


def _keep(session: Scoped, session_id: int, challenge: bytes, at: datetime) -> None:
    session.execute(
        update(SignInSession)
        .where(SignInSession.id == session_id)
        .values(challenge=bytes_to_base64url(challenge), challenge_until=at + VALID)
        .execution_options(synchronize_session=False)
    )


def _take(session: Scoped, session_id: int, at: datetime) -> bytes | None:
    """The challenge of this browser, for one answer; None when there is none, or no longer."""
    challenge = session.scalar(
        select(SignInSession.challenge).where(SignInSession.id == session_id, SignInSession.challenge_until > at)
    )
    if challenge is None:
        return None
    taken = session.execute(
        update(SignInSession)
        .where(SignInSession.id == session_id, SignInSession.challenge == challenge)
        .values(challenge=None, challenge_until=None)
        .returning(SignInSession.id)
        .execution_options(synchronize_session=False)
    )
    return base64url_to_bytes(challenge) if taken.one_or_none() else None
