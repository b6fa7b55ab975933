"""Domains where anybody gets an e-mail address: a shared one says nothing about who somebody works for."""

PUBLIC_MAIL = frozenset(
    {
        "aim.com", "aol.com", "att.net", "bellsouth.net", "bluewin.ch", "btinternet.com", "centurylink.net",
        "charter.net", "comcast.net", "cox.net", "duck.com", "earthlink.net", "email.com", "fastmail.com",
        "fastmail.fm", "free.fr", "frontier.com", "frontiernet.net", "gmail.com", "gmx.com", "gmx.de",
        "gmx.net", "googlemail.com", "hey.com", "hotmail.ca", "hotmail.co.uk", "hotmail.com", "hotmail.es",
        "hotmail.fr", "hushmail.com", "icloud.com", "inbox.com", "juno.com", "laposte.net", "libero.it",
        "live.ca", "live.co.uk", "live.com", "live.com.mx", "mac.com", "mail.com", "mail.ru", "me.com",
        "mindspring.com", "msn.com", "naver.com", "netscape.net", "netzero.net", "optimum.net", "optonline.net",
        "orange.fr", "outlook.com", "outlook.es", "pacbell.net", "pm.me", "prodigy.net", "prodigy.net.mx",
        "proton.me", "protonmail.com", "ptd.net", "qq.com", "rediffmail.com", "roadrunner.com",
        "rocketmail.com", "rogers.com", "sbcglobal.net", "shaw.ca", "skiff.com", "spectrum.net",
        "suddenlink.net", "swbell.net", "sympatico.ca", "t-online.de", "telus.net", "tuta.com", "tuta.io",
        "tutanota.com", "twc.com", "usa.com", "verizon.net", "web.de", "windstream.net", "wowway.com",
        "yahoo.ca", "yahoo.co.in", "yahoo.co.uk", "yahoo.com", "yahoo.com.mx", "yahoo.es", "yahoo.fr",
        "yandex.com", "yandex.ru", "ymail.com", "zoho.com", "zohomail.com", "163.com", "126.com",
    }
)  # fmt: skip
"""Webmail for everybody, and the mail that American, Canadian and Mexican internet providers give their customers."""


def domain_of(email: str) -> str:
    """The domain of an address.

    >>> domain_of("Bo@Harbor.Example")
    'harbor.example'
    """
    return email.rpartition("@")[2].lower()
