"""Admins give the mails to their customers words of their own: in versions, seen and tried out before they count."""

from dataclasses import asdict, replace

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from portal.access.permissions import Permission
from portal.core.clock import local_date
from portal.core.errors import BadInput, Conflict, NotFound
from portal.core.text import text
from portal.documents.filled import letterhead_of
from portal.notices.mail_kinds import FIXED, KINDS, LANGUAGES, LOCALES, PLACE_WORDS, MailKind
from portal.notices.message import Message, OwnWords, Recipient
from portal.notices.own_test import ask_for_test
from portal.notices.own_texts import mail_texts, texts_in_use, words_of, write_mail_text
from portal.notices.samples import READER, Sample, sample_mail
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.admin.mail_text_forms import MailTextForm
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import current_staff, staff_only
from portal.web.headers import allow_own_frames
from portal.web.htmx import redirect_to
from portal.web.previews import preview_mail
from portal.web.services import agency, services
from portal.web.units import close_read_unit, read_unit, write_unit

SAVED = text("Saved as a new version. Mails that leave from now on have it.")
STANDARD = text("Saved. Mails that leave from now on have the standard words again.")
SENT = text("A test is on its way to %(email)s. Nothing was saved.")


@routes.get("/mail-texts")
@staff_only(Permission.MANAGE_AGENCY)
def mail_text_list() -> ResponseReturnValue:
    """Every kind of mail, with the languages that have words of their own."""
    own = texts_in_use(read_unit())
    return render("admin/mail_texts/list.html", kinds=KINDS, languages=LANGUAGES, own=own, fixed=FIXED)


@routes.route("/mail-texts/<mail_kind>/<mail_language>", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_AGENCY, fresh=True)
def mail_text(mail_kind: str, mail_language: str) -> ResponseReturnValue:
    """The editor and the versions; `from` in the address begins with an older one, 0 being the standard text."""
    kind = _kind(mail_kind, mail_language)
    form = MailTextForm(kind)
    if form.validate_on_submit():
        words = form.words()
        try:
            with write_unit() as session:
                at, on = services().now(), form.version.data or 0
                write_mail_text(session, mail_kind, mail_language, words, on, actor(), at)
        except (BadInput, Conflict) as error:
            form.form_errors.append(say(error.message))
        else:
            flash(say(STANDARD if words == OwnWords() else SAVED), "ok")
            return redirect_to(url_for("admin.mail_text", mail_kind=mail_kind, mail_language=mail_language))
    return _page(form if form.is_submitted() else _stored(kind, mail_kind, mail_language), mail_kind, mail_language)


@routes.post("/mail-texts/<mail_kind>/<mail_language>/test")
@staff_only(Permission.MANAGE_AGENCY, fresh=True)
def test_mail_text(mail_kind: str, mail_language: str) -> ResponseReturnValue:
    """Mail what is typed to whoever has typed it; nothing is saved."""
    form = MailTextForm(_kind(mail_kind, mail_language))
    if not form.validate_on_submit():
        return _page(form, mail_kind, mail_language)
    staff = current_staff()
    with write_unit() as session:
        ask_for_test(session, mail_kind, mail_language, form.words(), staff.id, services().now())
    flash(say(text(SENT.message, email=staff.email)), "ok")
    return _page(form, mail_kind, mail_language)


@routes.get("/mail-texts/<mail_kind>/<mail_language>/previews")
@staff_only(Permission.MANAGE_AGENCY)
def mail_text_previews(mail_kind: str, mail_language: str) -> ResponseReturnValue:
    """What is typed, in frames; comes again while one types."""
    form = _typed(_kind(mail_kind, mail_language))
    return render("admin/mail_texts/_previews.html", **_shown(form, mail_kind, mail_language))


@routes.get("/mail-texts/<mail_kind>/<mail_language>/preview")
@staff_only(Permission.MANAGE_AGENCY)
def mail_text_preview(mail_kind: str, mail_language: str) -> ResponseReturnValue:
    """One frame: the mail with the words in the address; `scheme` is light or dark."""
    words = _typed(_kind(mail_kind, mail_language)).words()
    message = replace(_sample(mail_kind, mail_language), own=words)
    close_read_unit()
    return preview_mail(message, "dark" if request.args.get("scheme") == "dark" else "light")


def _kind(mail_kind: str, mail_language: str) -> MailKind:
    """The kind of mail that an address names.

    Raises:
        NotFound: no such mail, or no such language.
    """
    if mail_kind not in KINDS or mail_language not in LANGUAGES:
        raise NotFound
    return KINDS[mail_kind]


def _typed(kind: MailKind) -> MailTextForm:
    """What the address says."""
    form = MailTextForm(kind, MultiDict(request.args), meta={"csrf": False})
    form.validate()
    return form


def _stored(kind: MailKind, mail_kind: str, language: str) -> MailTextForm:
    """The version in use, or the older one that the address names.

    Raises:
        NotFound: there is none.
    """
    versions = {row.version: row for row in mail_texts(read_unit(), mail_kind, language)}
    newest = max(versions, default=0)
    wanted = request.args.get("from", newest, int)
    if wanted and wanted not in versions:
        raise NotFound
    words = words_of(versions[wanted]) if wanted else OwnWords()
    form = MailTextForm(kind, MultiDict({**asdict(words), "version": newest}), meta={"csrf": False})
    form.validate()
    return form


def _page(form: MailTextForm, mail_kind: str, language: str) -> ResponseReturnValue:
    allow_own_frames()
    versions = [(row, words_of(row) == OwnWords()) for row in mail_texts(read_unit(), mail_kind, language)]
    shown = _shown(form, mail_kind, language)
    return render("admin/mail_texts/show.html", versions=versions, **shown), 422 if form.errors else 200


def _shown(form: MailTextForm, mail_kind: str, language: str) -> dict[str, object]:
    """The form, what its mail looks like, and what each place says in the sample."""
    message = replace(_sample(mail_kind, language), own=form.words())
    mail = services().mail_pages.render(message)
    places = [(name, PLACE_WORDS[name]) for name in form.kind.places]
    return {
        "form": form,
        "mail_kind": mail_kind,
        "mail_language": language,
        "kind": form.kind,
        "language_words": LANGUAGES[language],
        "places": places,
        "named": " and ".join("{" + name + "}" for name in form.kind.in_subject or ()),
        "typed": asdict(form.words()),
        "shown_subject": mail.subject,
        "shown_text": mail.text,
    }


def _sample(mail_kind: str, language: str) -> Message:
    recipient = Recipient(agency().email, READER, LOCALES[language])
    today = local_date(services().now(), agency().time_zone)
    url = url_for("insured.home", _external=True)
    return sample_mail(mail_kind, Sample(recipient, letterhead_of(agency()), today, url))
