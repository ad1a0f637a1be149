"""Every setting, its default and what it may be; the one reader of the environment."""

import difflib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, cast, get_type_hints

from im import values
from im.environment import BrokenLinesError, read_lines
from im.refusal import StartRefusedError
from im.secret import Secret
from im.values import CredentialKey, Database, LogFormat, LogLevel


@dataclass(frozen=True, slots=True)
class _Rule:
    """The text that stands when a key is absent or empty, and what reads a text."""

    default: str
    read: Callable[[str], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One field a setting; the key in the environment is its name in capitals.

    ``redis_url`` empty: an embedded Valkey is started. ``credential_keys``
    empty: a key file in ``data_dir``. ``db_path`` unset: in ``data_dir``.
    ``public_url`` empty: what ``host`` and ``port`` say. A channel for alerts is open when
    all that it needs is set.
    ``sla_config`` empty: ``sla_config.yaml`` where the process runs, else the packaged one.
    """

    db_type: Annotated[Database, _Rule("sqlite", values.one_of(Database))]
    db_path: Annotated[Path, _Rule("", values.path)]
    db_host: Annotated[str, _Rule("127.0.0.1", values.text)]
    db_port: Annotated[int, _Rule("5432", values.whole(1, 65535))]
    db_name: Annotated[str, _Rule("watchpane", values.text)]
    db_user: Annotated[str, _Rule("watchpane", values.text)]
    db_password: Annotated[Secret, _Rule("", values.secret)]
    redis_url: Annotated[Secret, _Rule("", values.redis_url)]
    scheduler_interval_minutes: Annotated[int, _Rule("1", values.whole(1, 1440))]
    log_level: Annotated[LogLevel, _Rule("info", values.one_of(LogLevel))]
    log_format: Annotated[LogFormat, _Rule("auto", values.one_of(LogFormat))]
    otel_exporter_otlp_endpoint: Annotated[str, _Rule("", values.collector)]
    trace_file: Annotated[Path | None, _Rule("", values.maybe_path)]
    host: Annotated[str, _Rule("127.0.0.1", values.text)]
    port: Annotated[int, _Rule("8000", values.whole(1, 65535))]
    data_dir: Annotated[Path, _Rule(".watchpane", values.path)]
    credential_keys: Annotated[tuple[CredentialKey, ...], _Rule("", values.credential_keys)]
    poll_fallback_seconds: Annotated[float, _Rule("2", values.number(0.1, 3600))]
    vendor_timeout_seconds: Annotated[float, _Rule("12", values.number(0.1, 30))]
    allowed_origins: Annotated[tuple[str, ...], _Rule("", values.origins)]
    allow_local_vendors: Annotated[bool, _Rule("no", values.flag)]
    sla_config: Annotated[Path | None, _Rule("", values.maybe_path)]
    public_url: Annotated[str, _Rule("", values.public_url)]
    slack_webhook_url: Annotated[Secret, _Rule("", values.secret_url)]
    alert_webhook_url: Annotated[Secret, _Rule("", values.hook_url)]
    alert_webhook_secret: Annotated[Secret, _Rule("", values.secret)]
    smtp_url: Annotated[Secret, _Rule("", values.secret)]
    alert_email_from: Annotated[Secret, _Rule("", values.secret)]
    alert_email_to: Annotated[Secret, _Rule("", values.secret)]
    workers: Annotated[int, _Rule("1", values.whole(1, 64))]
    api_processes: Annotated[int, _Rule("1", values.whole(1, 64))]
    demo_speed: Annotated[float, _Rule("1800", values.number(0, 1_000_000))]
    demo_rows: Annotated[int, _Rule("5998", values.whole(1, 1_000_000))]


_RULES: Final = {
    name: cast("_Rule", hint.__metadata__[0])
    for name, hint in get_type_hints(Settings, include_extras=True).items()
}
KEYS: Final = tuple(name.upper() for name in _RULES)
# Where a secret may be mounted as a file instead: DB_PASSWORD_FILE=/run/secrets/db.
SECRETS: Final = (
    "DB_PASSWORD",
    "REDIS_URL",
    "CREDENTIAL_KEYS",
    "SLACK_WEBHOOK_URL",
    "ALERT_WEBHOOK_URL",
    "ALERT_WEBHOOK_SECRET",
    "SMTP_URL",
    "ALERT_EMAIL_FROM",
    "ALERT_EMAIL_TO",
)


def load(folder: Path = Path()) -> Settings:
    """Read the environment, and under it the ``.env`` of a folder.

    Raises StartRefusedError with one line a fault.
    """
    dotenv = folder / ".env"
    try:
        written = dotenv.read_text(encoding="utf-8") if dotenv.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise StartRefusedError(f"{dotenv} cannot be read: {error}") from None
    return read(os.environ, written)


def read(environ: Mapping[str, str], dotenv: str = "") -> Settings:
    """Build the settings from an environment and the text of a ``.env``.

    The environment wins, also over the ``_FILE`` form in ``.env``. Other keys of the
    environment are none of our business; other keys in ``.env`` are mistakes.
    Raises StartRefusedError naming every wrong key and what is allowed.
    """
    try:
        written = read_lines(dotenv)
    except BrokenLinesError as error:
        raise StartRefusedError("\n".join(f".env: {fault}" for fault in error.faults)) from None
    faults = [_unknown(key) for key in written if key not in _ALLOWED]
    texts = {
        **_with_files({k: v for k, v in written.items() if k in _ALLOWED}, faults),
        **_with_files({k: v for k, v in environ.items() if k in _ALLOWED}, faults),
    }
    found: dict[str, object] = {}
    for name, rule in _RULES.items():
        key = name.upper()
        try:
            found[name] = rule.read(texts.get(key) or rule.default)
        except ValueError as error:
            faults.append(f"{key} {error}")
    if faults:
        raise StartRefusedError("\n".join(faults))
    if not texts.get("DB_PATH"):
        found["db_path"] = cast("Path", found["data_dir"]) / "watchpane.db"
    return Settings(**cast("dict[str, Any]", found))


def child_environment(changes: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment with changes, for a child process."""
    return {**os.environ, **changes}


_ALLOWED: Final = frozenset(KEYS) | {f"{key}_FILE" for key in SECRETS}


def _unknown(key: str) -> str:
    near = difflib.get_close_matches(key, _ALLOWED, n=1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    return f".env: {key} is not a setting{hint}"


def _with_files(texts: Mapping[str, str], faults: list[str]) -> dict[str, str]:
    """Return the texts, with ``X_FILE`` replaced by X and the file's content."""
    plain = {key: text for key, text in texts.items() if key in KEYS}
    for secret in SECRETS:
        path = texts.get(f"{secret}_FILE")
        if not path:
            continue
        if plain.get(secret):
            faults.append(f"{secret} and {secret}_FILE are both set: keep one")
            continue
        try:
            plain[secret] = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            faults.append(f"{secret}_FILE names a file that cannot be read: {path}")
    return plain
