"""How the demo is set: its ports, and settings whose secrets it makes for itself."""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet
from pydantic import SecretStr

from portal.cli.processes import LOCAL, StartFailed, require_free
from portal.settings import Settings


@dataclass(frozen=True, slots=True)
class Ports:
    """Where each part listens."""

    web: int = 8000
    stripe: int = 8001
    inbox: int = 8002
    smtp: int = 8025
    bindhq: int = 8003

    def require_free(self) -> None:
        """Raises StartFailed, naming the port and its variable, when one is busy or given twice."""
        chosen = {
            "WEB_PORT": self.web,
            "STRIPE_PORT": self.stripe,
            "INBOX_PORT": self.inbox,
            "SMTP_PORT": self.smtp,
            "BINDHQ_PORT": self.bindhq,
        }
        for variable, port in chosen.items():
            twin = next((name for name, other in chosen.items() if other == port and name != variable), None)
            if twin:
                raise StartFailed(f"{variable} and {twin} are both {port}. Choose another for one of them.")
            require_free(port, variable)


def demo_settings(folder: Path, ports: Ports) -> Settings:
    """The demo's settings; its secrets are made at the first start and kept in the folder."""
    path = folder / "secrets.json"
    if not path.exists():
        path.touch(mode=0o600)
        made = {"secret_key": secrets.token_urlsafe(48), "encryption_keys": Fernet.generate_key().decode()}
        path.write_text(json.dumps(made))
    kept = json.loads(path.read_text())
    return Settings(
        mode="demo",
        database_url=f"sqlite:///{folder / 'portal.db'}",
        secret_key=SecretStr(kept["secret_key"]),
        encryption_keys=SecretStr(kept["encryption_keys"]),
        base_url=f"http://localhost:{ports.web}",
        proxies=0,
        smtp_host=LOCAL,
        smtp_port=ports.smtp,
        smtp_user="",
        smtp_password=SecretStr(""),
        smtp_tls=False,
        mail_from="payments@localhost",
        stripe_sandbox_url=f"http://localhost:{ports.stripe}",
        bindhq_sandbox_url=f"http://localhost:{ports.bindhq}",
        inbox_url=f"http://localhost:{ports.inbox}",
        worker_slot="demo-worker",
    )


def as_environment(settings: Settings) -> dict[str, str]:
    """Settings as the variables that other processes read them from."""
    plain = {
        "secret_key": settings.secret_key.get_secret_value(),
        "encryption_keys": settings.encryption_keys.get_secret_value(),
        "smtp_password": settings.smtp_password.get_secret_value(),
    }
    values = settings.model_dump(exclude=set(plain)) | plain
    return {f"PORTAL_{name.upper()}": str(value) for name, value in values.items()}
