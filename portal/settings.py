"""Settings of a deployment, from PORTAL_* variables or `.env`. A missing one stops the start with its name."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class SettingsError(RuntimeError):
    """The deployment's settings are not usable; the message names each one that is wrong."""


class Settings(BaseSettings):
    """What the operator of a deployment decides.

    Args:
        mode: `demo` uses the Stripe sandbox and the local inbox; `production` refuses both.
        database_url: sqlite:///path or postgresql+psycopg://…
        secret_key: signs cookies and links; at least 32 characters.
        encryption_keys: Fernet keys for secrets at rest, the newest first, comma separated.
        base_url: how the shared host is reached, without a trailing slash.
        data_dir: where the deployment may write; hashed static files go there.
        proxies: how many proxies stand in front and set X-Forwarded-For.
        processor_timeout_seconds: how long a payer waits for the card processor before the page says that it is asking.
    """

    model_config = SettingsConfigDict(env_prefix="PORTAL_", env_file=".env", extra="ignore", frozen=True)

    mode: Literal["demo", "production"]
    database_url: str
    secret_key: SecretStr = Field(min_length=32)
    encryption_keys: SecretStr
    base_url: str = Field(pattern=r"^https?://[^/]+$")
    proxies: int = Field(default=0, ge=0)

    data_dir: Path = Path("var")

    smtp_host: str = "127.0.0.1"
    smtp_port: int = 25
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_tls: bool = False
    mail_from: str

    processor_timeout_seconds: float = Field(default=30, gt=0, le=30)
    stripe_sandbox_url: str = ""
    inbox_url: str = ""
    worker_slot: str = "worker-1"

    @model_validator(mode="after")
    def _demo_parts_in_demo_only(self) -> Self:
        if self.mode != "demo":
            on = [name for name in ("stripe_sandbox_url", "inbox_url") if getattr(self, name)]
            if on:
                names = ", ".join(f"PORTAL_{name.upper()}" for name in on)
                raise ValueError(f"{names} belong to PORTAL_MODE=demo only; no money moves through the sandbox")
            if not self.base_url.startswith("https://"):
                raise ValueError("PORTAL_BASE_URL must start with https:// outside the demo")
        elif not self.stripe_sandbox_url:
            raise ValueError("PORTAL_MODE=demo needs PORTAL_STRIPE_SANDBOX_URL; it never talks to the real processor")
        return self

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
        lines = [
            f"  {'PORTAL_' + str(item['loc'][0]).upper() if item['loc'] else 'PORTAL_MODE'}: {item['msg']}"
            for item in error.errors()
        ]
        raise SettingsError("The portal cannot start with these settings:\n" + "\n".join(lines)) from None
