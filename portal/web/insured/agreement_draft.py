"""An agreement as it was shown to be read and signed: sealed, so that nothing else is signed than what was read."""

import secrets
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from hashlib import sha256

from itsdangerous import BadData, URLSafeTimedSerializer

from portal.core.errors import PortalError
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.documents.agreement import AgreementDocument, Signed
from portal.documents.filled_agreement import agreement_document, lender_party
from portal.payments.claims import ALPHABET
from portal.servicing.sign import Agreement
from portal.web.services import agency, services

GOOD_FOR = timedelta(hours=2)


class DraftExpired(PortalError):
    """What was read is not what would be signed now; nothing was signed."""

    status = 422
    default = text("The agreement has changed since you opened it. Nothing was signed. Please read it again.")


@dataclass(frozen=True, slots=True)
class Draft:
    """What names an agreement before it is signed.

    Args:
        plan: as it is kept: "9x1".
        made_on: the day, in ISO form.
        document_hash: SHA-256 of its PDF, in hexadecimal.
    """

    program_id: int
    plan: str
    number: str
    made_on: str
    document_hash: str


def draw_up(session: Scoped, program_id: int, plan: str, agreement: Agreement, today: date) -> Draft:
    """A new agreement to be read."""
    number = "FA-" + "".join(secrets.choice(ALPHABET) for _ in range(9))
    draft = Draft(program_id, plan, number, today.isoformat(), "")
    pdf = services().renderer.render(on_paper(session, draft, agreement))
    return Draft(program_id, plan, number, draft.made_on, sha256(pdf).hexdigest())


def on_paper(session: Scoped, draft: Draft, agreement: Agreement, signed: Signed | None = None) -> AgreementDocument:
    """The agreement as a document."""
    offer = agreement.offer
    return agreement_document(
        session,
        agency(),
        draft.program_id,
        number=draft.number,
        made_on=date.fromisoformat(draft.made_on),
        schedule=offer.schedule,
        months_between=offer.terms.months_between,
        first_day=offer.first_day,
        stamp_tax_cents=agreement.stamp_tax_cents,
        refund_method=agreement.refund_method,
        lender=lender_party(agreement.lender_name, agreement.lender_address),
        text_id=agreement.text_id,
        late=agreement.late,
        signed=signed,
    )


def seal_draft(draft: Draft) -> str:
    """Sign it for the address of its PDF and the hidden field of its form."""
    return _serializer().dumps(asdict(draft))


def unseal_draft(sealed: str, program_id: int) -> Draft:
    """Read it back.

    Raises:
        DraftExpired: not ours, of another program, or too old.
    """
    try:
        draft = Draft(**_serializer().loads(sealed, max_age=int(GOOD_FOR.total_seconds())))
    except BadData as error:
        raise DraftExpired from error
    if draft.program_id != program_id:
        raise DraftExpired
    return draft


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(services().secret, salt=f"agreement:{agency().id}")
