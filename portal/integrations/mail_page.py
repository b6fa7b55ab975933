"""What a person sees of an e-mail: Jinja → MJML → HTML, and the text part."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import BaseLoader, Environment, StrictUndefined, pass_eval_context, select_autoescape
from jinja2.nodes import EvalContext
from markupsafe import Markup
from mjml import mjml2html
from PIL import Image

from portal.core.money import format_money
from portal.core.text import text
from portal.integrations.wording import Wording, wording
from portal.notices.message import Message, RenderedMail
from portal.notices.own_words import fill, paragraphs

_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])  # no mail client shows them, mjml refuses them
NOBODY = text("customer")
"""How an agency's own words call a reader whose name is not known."""
LOGO_BOX = (200, 56)  # CSS pixels; the picture holds twice as many each way


@dataclass(frozen=True, slots=True)
class SmallLogo:
    """A logo as mail clients can show it."""

    png: bytes
    width: int


class MailPages:
    """Renders messages from emails/<template>.mjml.j2 and .txt.j2, in the recipient's language.

    Args:
        loader: finds the templates; a brand's loader may put its own in front.
        translations: folder of the compiled catalogs, if there are any.
    """

    def __init__(self, loader: BaseLoader, translations: Path | None = None) -> None:
        self._loader = loader
        self._translations = translations
        self._environments: dict[str, Environment] = {}

    def render(self, message: Message) -> RenderedMail:
        """Make subject, HTML part (its logo refers to cid:logo) and text part.

        Raises:
            jinja2.UndefinedError: the message's context lacks something its template shows.
        """
        words = wording(message.recipient.locale, self._translations)
        environment = self._environment(words)
        logo = message.letterhead.logo
        own, places = message.own, _places(message, words)
        subject = fill(own.subject, places) if own.subject else str(words.say(message.subject))
        context = {
            **message.context,
            "opening": paragraphs(fill(own.opening, places)),
            "closing": paragraphs(fill(own.closing, places)),
            "subject": subject,
            "letterhead": message.letterhead,
            "recipient": message.recipient,
            "language": words.language,
            "logo_width": small_logo(logo).width if logo else 0,
        }
        mjml = environment.get_template(f"emails/{message.template}.mjml.j2").render(context)
        plain = environment.get_template(f"emails/{message.template}.txt.j2").render(context)
        return RenderedMail(subject=subject, html=mjml2html(mjml, disable_comments=False, fonts={}), text=plain)

    def _environment(self, words: Wording) -> Environment:
        known = self._environments.get(words.locale)
        if known is not None:
            return known
        environment = Environment(
            loader=self._loader,
            undefined=StrictUndefined,
            autoescape=select_autoescape(
                enabled_extensions=("mjml.j2",), disabled_extensions=("txt.j2",), default=True
            ),
            finalize=lambda value: _clean(words.say(value)),
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters["money"] = format_money
        environment.globals["_"] = _translator(words)
        environment.globals["ngettext"] = _counter(words)
        return self._environments.setdefault(words.locale, environment)


def _places(message: Message, words: Wording) -> dict[str, str]:
    """What stands in each place of an agency's own words, as the reader sees it."""
    recipient, letterhead = message.recipient, message.letterhead
    standing = {"name": recipient.name or NOBODY, "agency": letterhead.agency_name, "phone": letterhead.phone}
    return {name: str(words.say(value)) for name, value in {**standing, **message.facts}.items()}


def _clean(value: object) -> object:
    return value.translate(_CONTROLS) if isinstance(value, str) else value


def _translator(words: Wording) -> Callable[..., str]:
    @pass_eval_context
    def translate(context: EvalContext, message: str, **values: object) -> str:
        said = Markup(words.message(message)) if context.autoescape else words.message(message)  # noqa: S704  # nosec B704
        return said % words.values(values) if values else said

    return translate


def _counter(words: Wording) -> Callable[[EvalContext, str, str, int], str]:
    @pass_eval_context
    def count(context: EvalContext, singular: str, plural: str, number: int) -> str:
        said = words.plural(singular, plural, number)
        return (Markup(said) if context.autoescape else said) % {"num": number}  # noqa: S704  # nosec B704

    return count


@lru_cache(maxsize=64)
def small_logo(data: bytes) -> SmallLogo:
    """A logo small enough for a mail, as PNG, which every client shows."""
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        picture = image.convert("RGBA")
    picture.thumbnail((LOGO_BOX[0] * 2, LOGO_BOX[1] * 2))
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    scale = min(LOGO_BOX[0] / picture.width, LOGO_BOX[1] / picture.height)
    return SmallLogo(out.getvalue(), round(picture.width * scale))
