"""The forms of a page, read as a browser reads them; and what a page holds that somebody has smuggled in."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

LEADS = {"href", "src", "action", "formaction", "hx-get", "hx-post", "content"}
NO_TEXT = {"checkbox", "radio", "submit", "button", "file"}


@dataclass
class Form:
    """A form that is sent by POST.

    Args:
        action: the address it goes to, as it stands on the page.
        values: what it would send as it stands.
        texts: names of the fields that hold text; hidden ones too.
    """

    action: str
    values: dict[str, str] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)


class Page(HTMLParser):
    """A page's forms, and every element and attribute whose name holds a mark.

    Args:
        shown: the page's HTML.
        at: its address, where a form without an action goes.
        mark: what a smuggled element or attribute is called.
    """

    def __init__(self, shown: str, at: str, mark: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.smuggled: list[str] = []
        self._at = at
        self._mark = mark
        self._form: Form | None = None
        self._select = ""
        self._is_first = True
        self.feed(shown)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if self._mark in tag or any(self._mark in name for name in values):
            self.smuggled.append(self.get_starttag_text() or tag)
        leads = (value.strip().lower() for name, value in values.items() if name in LEADS)
        if any(value.startswith(("javascript:", "data:text")) for value in leads):
            self.smuggled.append(self.get_starttag_text() or tag)
        if tag == "form" and values.get("method") == "post":
            self._form = Form(values.get("action") or self._at)
            self.forms.append(self._form)
        elif tag in {"input", "textarea", "select", "button"} and self._form and values.get("name"):
            self._add(self._form, tag, values)
            self._select = values["name"] if tag == "select" else ""
            self._is_first = True
        elif tag == "option" and self._form and self._select:
            if self._is_first or "selected" in values:
                self._form.values[self._select] = values.get("value", "")
            self._is_first = False

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""

    def _add(self, form: Form, tag: str, values: dict[str, str]) -> None:
        kind = values.get("type", "text") if tag == "input" else tag
        if kind not in {"checkbox", "radio"} or "checked" in values:
            form.values[values["name"]] = values.get("value", "")
        if kind not in NO_TEXT and values["name"] != "csrf_token":
            form.texts.append(values["name"])
