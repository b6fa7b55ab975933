"""Settings of a deployment, from PORTAL_* variables or `.env`. A missing one stops the start with its name."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from portal.core.secrets import SecretBox

_WORDS = {
    "missing": "is missing",
    "literal_error": "must be demo or production",
    "too_short": "must have at least 32 characters",
    "string_pattern_mismatch": "must look like {}",
}
_LOOKS = {
    "database_url": "sqlite:////var/lib/portal/portal.db or postgresql+psycopg://user:password@host/name",
    "base_url": "https://pay.example.com, with nothing behind the host",
    "bindhq_hosts": "bindhq.com,bindhq.example, in small letters and without spaces",
}


class SettingsError(RuntimeError):
    """The deployment's settings are not usable; the message names each one that is wrong."""


class Settings(BaseSettings):
    """What the operator of a deployment decides.

    Args:
        mode: `demo` uses the Stripe sandbox and the local inbox; `production` refuses both.
        database_url: sqlite:///path or postgresql+psycopg://…
        migration_database_url: the same database for the role that owns its tables; `flask upgrade` alone uses it.
        secret_key: signs cookies and links; at least 32 characters.
        encryption_keys: Fernet keys for secrets at rest, the newest first, comma separated.
        base_url: how the shared host is reached, without a trailing slash.
        data_dir: where the deployment may write; hashed static files go there.
        metrics_token: who shows it as a bearer token may read /metrics; without one only this machine may.
        proxies: how many proxies stand in front and set X-Forwarded-For.
        fail_at: ends the process at its nth failpoint, for tests of what a crash leaves behind; in the demo only.
        processor_calls_per_second: how often each process may call each endpoint of an agency's account at the card
            processor; 0 for as often as it likes.
        bindhq_hosts: what the hosts of agencies' BindHQ addresses must end in, comma separated.
        processor_timeout_seconds: how long a payer waits for the card processor before the page says that it is asking.
    """

    model_config = SettingsConfigDict(env_prefix="PORTAL_", env_file=".env", extra="ignore", frozen=True)

    mode: Literal["demo", "production"]
    database_url: str = Field(pattern=r"^(sqlite:///|postgresql\+psycopg://).+")
    migration_database_url: str = ""
    secret_key: SecretStr = Field(min_length=32)
    encryption_keys: SecretStr
    base_url: str = Field(pattern=r"^(?i:https?)://[^/]+$")
    proxies: int = Field(default=0, ge=0)

    data_dir: Path = Path("var")
    metrics_token: SecretStr = SecretStr("")

    smtp_host: str = "127.0.0.1"
    smtp_port: int = 25
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_tls: bool = False
    mail_from: str

    processor_timeout_seconds: float = Field(default=30, gt=0, le=30)
    processor_calls_per_second: float = Field(default=20, ge=0, le=1000)
    bindhq_hosts: str = Field(default="bindhq.com", pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+(,[a-z0-9-]+(\.[a-z0-9-]+)+)*$")
    stripe_sandbox_url: str = ""
    bindhq_sandbox_url: str = ""
    inbox_url: str = ""
    fail_at: int = Field(default=0, ge=0)
    worker_slot: str = "worker-1"

    @field_validator("base_url")
    @classmethod
    def _as_browsers_write_it(cls, url: str) -> str:
        scheme, _, host = url.lower().partition("://")
        return f"{scheme}://{host.removesuffix(':443' if scheme == 'https' else ':80')}"

    @field_validator("encryption_keys")
    @classmethod
    def _keys_open(cls, keys: SecretStr) -> SecretStr:
        try:
            SecretBox(keys.get_secret_value())
        except ValueError:
            raise ValueError("must hold Fernet keys, 44 characters each, comma separated") from None
        return keys

    @model_validator(mode="after")
    def _demo_parts_in_demo_only(self) -> Self:
        if self.mode != "demo":
            on = [
                name
                for name in ("stripe_sandbox_url", "bindhq_sandbox_url", "inbox_url", "fail_at")
                if getattr(self, name)
            ]
            if on:
                names = ", ".join(f"PORTAL_{name.upper()}" for name in on)
                raise ValueError(f"{names} belong to PORTAL_MODE=demo only, where no money moves")
            if not self.base_url.startswith("https://"):
                raise ValueError("PORTAL_BASE_URL must start with https:// outside the demo")
        elif not self.stripe_sandbox_url:
            raise ValueError("PORTAL_MODE=demo needs PORTAL_STRIPE_SANDBOX_URL; it never talks to the real processor")
        return self

    @property
    def box(self) -> SecretBox:
        """Closes and opens secrets at rest."""
        return SecretBox(self.encryption_keys.get_secret_value())

    @property
    def is_demo(self) -> bool:
        """Whether no money moves."""
        return self.mode == "demo"

    @property
    def is_secure(self) -> bool:
        """Whether the portal is reached by https, so that cookies can be bound to it."""
        return self.base_url.startswith("https://")


def load_settings() -> Settings:
    """Read the settings.

    Raises:
        SettingsError: one is missing or wrong; says which.
    """
    try:
        return Settings()  # type: ignore[call-arg]  # they come from the environment
    except ValidationError as error:
        lines = [_in_words(item["loc"], item["type"], item["msg"]) for item in error.errors()]
        raise SettingsError(
            "The portal cannot start with these settings, from PORTAL_ variables or .env:\n"
            + "\n".join(lines)
            + "\n.env.example is one to start from; docs/operations.md says what each is."
        ) from None


def _in_words(where: tuple[int | str, ...], kind: str, message: str) -> str:
    """A setting that is missing or wrong, for the person who wrote it. Values are not repeated: some are secret."""
    name = str(where[0]) if where else ""
    if kind in _WORDS:
        words = _WORDS[kind].format(_LOOKS.get(name, ""))
    else:
        words = message.removeprefix("Value error, ") if kind == "value_error" else f"is wrong: {message}"
    return f"  PORTAL_{name.upper()} {words}" if name else f"  {words}"
