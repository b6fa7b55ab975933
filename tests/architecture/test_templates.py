"""Templates hold no code of their own: the content security policy would not run it."""

import re

from tests.architecture.source import PROJECT, files

INLINE = re.compile(r"""<style|\sstyle\s*=|\son[a-z]+\s*=\s*["']|hx-on|javascript:|<script(?![^>]*\ssrc=)""")


def test_no_template_has_inline_code():
    """Mails alone carry their style with them (.mjml.j2): their readers load no files."""
    found = []
    for path in files(".html", below=("templates", "agency_branding", "portal")):
        source = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)
        found += [f"{path.relative_to(PROJECT).as_posix()}: {match[0]}" for match in INLINE.finditer(source)]
    assert found == []


def test_every_script_of_a_page_carries_the_nonce():
    found = []
    for path in files(".html", below=("templates", "agency_branding")):
        for tag in re.findall(r"<script[^>]*>", path.read_text()):
            if 'nonce="{{ csp_nonce() }}"' not in tag:
                found.append(f"{path.relative_to(PROJECT).as_posix()}: {tag}")
    assert found == []
